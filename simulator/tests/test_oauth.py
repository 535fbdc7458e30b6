"""Sign-in: consent, tokens, rotation by the clock, refusal."""

import requests


def test_discovery_points_at_the_simulator(empty):
    for name in ("openid_configuration", "openid_sandbox_configuration/"):
        found = requests.get(f"{empty.url}/.well-known/{name}", timeout=5).json()
        assert found["token_endpoint"] == f"{empty.url}/oauth2/v1/tokens/bearer"
        assert found["authorization_endpoint"].startswith(empty.url)


def test_consent_gives_code_state_and_realm_and_the_code_works_once(empty):
    page = requests.get(
        f"{empty.url}/connect/oauth2",
        timeout=5,
        params={"client_id": "simulator", "redirect_uri": "http://localhost/callback", "state": "s1"},
    )
    assert 'id="connect"' in page.text and 'id="cancel"' in page.text and "Simulator" in page.text
    back = empty.consent()
    assert back["state"] == "s1" and back["realmId"] == empty.realm
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": "http://localhost/callback"}
    tokens = empty.token(**form)
    assert tokens.status_code == 200 and tokens.headers["intuit_tid"]
    assert tokens.json()["expires_in"] == 3600 and 8_639_000 < tokens.json()["x_refresh_token_expires_in"] <= 8_640_000
    again = empty.token(**form)
    assert again.status_code == 400
    assert again.json() == {"error": "invalid_grant", "error_description": "Invalid authorization code"}


def test_refused_consent(empty):
    assert empty.consent("cancel") == {"error": "access_denied", "state": "s1"}
    assert empty.consent(scope="openid")["error"] == "invalid_scope"


def test_unknown_client_and_wrong_secret(empty):
    page = requests.get(
        f"{empty.url}/connect/oauth2", params={"client_id": "x", "redirect_uri": "http://a/"}, timeout=5
    )
    assert page.status_code == 400 and "text/html" in page.headers["Content-Type"]
    answer = empty.token(secret="wrong", grant_type="refresh_token", refresh_token="x")
    assert answer.status_code == 401 and answer.json() == {"error": "invalid_client"}


def test_credentials_in_the_form_body_work_too(empty):
    answer = requests.post(
        f"{empty.url}/oauth2/v1/tokens/bearer",
        timeout=5,
        data={
            "grant_type": "refresh_token",
            "refresh_token": empty.tokens["refresh_token"],
            "client_id": "simulator",
            "client_secret": "simulator-secret",
        },
    )
    assert answer.status_code == 200


def test_refresh_token_changes_after_a_day_and_the_old_one_is_dead(empty):
    first = empty.tokens["refresh_token"]
    same = empty.token(grant_type="refresh_token", refresh_token=first).json()
    assert same["refresh_token"] == first and same["access_token"] != empty.tokens["access_token"]
    empty.control("clock", {"days": 1, "advance": 60})
    new = empty.token(grant_type="refresh_token", refresh_token=first).json()
    assert new["refresh_token"] != first
    old = empty.token(grant_type="refresh_token", refresh_token=first)
    assert old.status_code == 400 and old.json()["error"] == "invalid_grant"
    assert empty.token(grant_type="refresh_token", refresh_token=new["refresh_token"]).status_code == 200


def test_switches_of_rotation_and_reuse(empty):
    empty.control("switches", {"rotate_every_time": True, "refresh_reuse": "family_revoked"})
    first = empty.tokens["refresh_token"]
    second = empty.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    assert second != first
    assert empty.token(grant_type="refresh_token", refresh_token=first).status_code == 400
    assert empty.token(grant_type="refresh_token", refresh_token=second).status_code == 400


def test_idle_refresh_token_dies_after_100_days(empty):
    empty.control("clock", {"days": 101})
    assert empty.token(grant_type="refresh_token", refresh_token=empty.tokens["refresh_token"]).status_code == 400


def test_expired_access_token_gets_the_gateway_body(empty):
    empty.control("clock", {"advance": 3700})
    answer = empty.call("GET", "companyinfo/1")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = answer.json()
    assert body["fault"]["error"][0]["code"] == "3200" and body["fault"]["type"] == "AUTHENTICATION"
    assert isinstance(body["time"], int) and body["batchItemResponse"] == []


def test_other_realm_is_403_3100(empty):
    other = empty.control("company", {"empty": True, "name": "Second"})["realmId"]
    answer = requests.get(f"{empty.url}/v3/company/{other}/companyinfo/{other}", headers=empty.http.headers, timeout=5)
    assert answer.status_code == 403 and answer.json()["fault"]["error"][0]["code"] == "3100"


def test_revoke_kills_the_family(empty):
    revoke = f"{empty.url}/v2/oauth2/tokens/revoke"
    body, auth = {"token": empty.tokens["refresh_token"]}, ("simulator", "simulator-secret")
    assert requests.post(revoke, json=body, auth=auth, timeout=5).status_code == 200
    assert empty.call("GET", "companyinfo/1").status_code == 401
    assert requests.post(revoke, json=body, auth=auth, timeout=5).status_code == 400


def test_pages_of_other_origins_cannot_post(empty):
    answer = requests.post(f"{empty.url}/_control/reset", json={}, headers={"Origin": "http://evil.example"}, timeout=5)
    assert answer.status_code == 403 and empty.read("CompanyInfo", "1")["CompanyName"]
