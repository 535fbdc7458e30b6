"""Sign-in: consent, tokens, rotation by the clock, refusal."""

import jwt
import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from intuitlib.utils import validate_id_token

from simulator.tests.conftest import CALLBACK


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
    assert empty.consent(scope="com.intuit.quickbooks.nothing")["error"] == "invalid_scope"
    assert empty.consent(scope="")["error"] == "invalid_scope"


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


def openid_client(empty, scopes):
    """Return an intuit-oauth client that a person has signed in with."""
    auth = AuthClient(
        "simulator", "simulator-secret", CALLBACK, f"{empty.url}/.well-known/openid_sandbox_configuration/"
    )
    page = auth.get_authorization_url(scopes)
    assert requests.get(page, timeout=5).status_code == 200
    back = empty.consent(scope=" ".join(scope.value for scope in scopes))
    auth.get_bearer_token(back["code"], realm_id=back.get("realmId"))
    return auth


def test_the_id_token_verifies_with_the_key_set(empty):
    auth = openid_client(empty, [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL])
    assert auth.id_token and validate_id_token(auth.id_token, "simulator", auth.issuer_uri, auth.jwks_uri)
    claims = jwt.decode(auth.id_token, options={"verify_signature": False})
    assert claims["aud"] == ["simulator"] and claims["realmid"] == empty.realm and claims["iss"] == auth.issuer_uri
    assert set(claims) == {"sub", "aud", "realmid", "auth_time", "iss", "exp", "iat"}
    head, middle, tail = auth.id_token.split(".")
    assert not validate_id_token(f"{head}.{middle}.{tail[::-1]}", "simulator", auth.issuer_uri, auth.jwks_uri)
    assert len(auth.access_token) > 900 and auth.access_token.startswith("eyJ")


def test_user_info_shows_what_the_scopes_allow(empty):
    some = openid_client(empty, [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]).get_user_info().json()
    assert set(some) == {"sub", "email", "emailVerified"}
    every = [Scopes.OPENID, Scopes.PROFILE, Scopes.EMAIL, Scopes.PHONE, Scopes.ADDRESS]
    auth = openid_client(empty, every)
    assert auth.realm_id is None
    assert auth.get_user_info().json().keys() > {"givenName", "familyName", "phoneNumber", "address", "email"}
    url = f"{empty.url}/v3/company/{empty.realm}/companyinfo/1"
    answer = requests.get(url, headers={"Authorization": f"Bearer {auth.access_token}"}, timeout=5)
    assert answer.status_code == 403
    plain = openid_client(empty, [Scopes.ACCOUNTING])
    with pytest.raises(AuthClientError) as refused:
        plain.get_user_info()
    assert refused.value.status_code == 401


def test_refresh_and_revoke_with_intuits_own_client(empty):
    auth = openid_client(empty, [Scopes.ACCOUNTING])
    before = auth.access_token
    auth.refresh()
    assert auth.access_token != before and auth.revoke()
    with pytest.raises(AuthClientError):
        auth.refresh()


def test_hard_limit_only_when_asked_for(empty):
    form = {"grant_type": "refresh_token", "refresh_token": empty.tokens["refresh_token"]}
    assert "x_refresh_token_hard_expires_in" not in empty.token(**form).json()
    url, header = f"{empty.url}/oauth2/v1/tokens/bearer", {"x-include-refresh-token-hard-expires-in": "true"}
    found = requests.post(url, data=form, auth=("simulator", "simulator-secret"), headers=header, timeout=5).json()
    assert 157_679_000 < found["x_refresh_token_hard_expires_in"] <= 157_680_000
    assert requests.post(url, json=form, auth=("simulator", "simulator-secret"), timeout=5).status_code == 415


def test_five_years_are_the_end_however_often_it_is_refreshed(empty):
    value = empty.tokens["refresh_token"]
    for _quarter in range(20):
        empty.control("clock", {"days": 90})
        value = empty.token(grant_type="refresh_token", refresh_token=value).json()["refresh_token"]
    empty.control("clock", {"days": 26})
    assert empty.token(grant_type="refresh_token", refresh_token=value).json()["error"] == "invalid_grant"


def test_wrong_redirect_and_registered_redirects(empty):
    empty.control("oauth", {"redirects": {"simulator": [CALLBACK]}})
    args = {"client_id": "simulator", "redirect_uri": CALLBACK + "/other", "scope": "openid"}
    assert requests.get(f"{empty.url}/connect/oauth2", params=args, timeout=5).status_code == 400
    code = empty.consent()["code"]
    answer = empty.token(grant_type="authorization_code", code=code, redirect_uri="http://localhost/else")
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    assert empty.token(grant_type="password").json() == {"error": "unsupported_grant_type"}
    empty.control("oauth", {"redirects": {"simulator": []}})
    form = {"client_id": "simulator", "redirect_uri": CALLBACK + "?a=%20b&flag=", "action": "cancel", "state": "1"}
    back = requests.post(f"{empty.url}/connect/oauth2", data=form, timeout=5, allow_redirects=False)
    assert back.headers["Location"] == CALLBACK + "?a=%20b&flag=&error=access_denied&state=1"


def test_a_company_that_does_not_exist_and_an_address_that_is_none(empty):
    code = empty.consent(realmId="123")["code"]
    tokens = empty.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK).json()
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{empty.url}/v3/company/123/companyinfo/1", headers=header, timeout=5).status_code == 403
    for address in ("http://[bad", "http://a[b/", "nowhere", ""):
        args = {"client_id": "simulator", "redirect_uri": address}
        assert requests.get(f"{empty.url}/connect/oauth2", params=args, timeout=5).status_code == 400
