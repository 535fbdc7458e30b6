"""intuit-oauth: consent page, code, tokens, OpenID, revocation, refusals."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from intuitlib.utils import validate_id_token

EVERYTHING = [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL, Scopes.PROFILE, Scopes.PHONE, Scopes.ADDRESS]


def client(simulator, **values):
    parts = {"client_id": simulator.client_id, "client_secret": simulator.secret, "redirect_uri": simulator.redirect}
    return AuthClient(**{**parts, **values}, environment=simulator.discovery)


def signed_in(simulator, scopes=None, **options):
    """A client after the whole dance."""
    auth = client(simulator, **options)
    back = simulator.consent(auth.get_authorization_url(scopes or [Scopes.ACCOUNTING]))
    auth.get_bearer_token(back["code"], realm_id=back.get("realmId"))
    return auth


def company_info(simulator, token):
    address = f"{simulator.url}/v3/company/{simulator.realm}/companyinfo/{simulator.realm}"
    return requests.get(address, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}, timeout=30)


def refused(error: str, status: int, act, *args):
    with pytest.raises(AuthClientError) as caught:
        act(*args)
    assert caught.value.status_code == status and json.loads(caught.value.content)["error"] == error
    assert caught.value.intuit_tid
    return json.loads(caught.value.content).get("error_description")


def test_discovery(sandbox):
    auth = client(sandbox)
    assert urlsplit(auth.auth_endpoint).path == "/connect/oauth2"
    assert urlsplit(auth.token_endpoint).path == "/oauth2/v1/tokens/bearer"
    assert urlsplit(auth.revoke_endpoint).path == "/v2/oauth2/tokens/revoke"
    assert urlsplit(auth.user_info_url).path == "/v1/openid_connect/userinfo"
    assert auth.issuer_uri == "https://oauth.platform.intuit.com/op/v1"
    for name in ("openid_configuration", "openid_sandbox_configuration"):
        for slash in ("", "/"):
            found = requests.get(f"{sandbox.url}/.well-known/{name}{slash}", timeout=30).json()
            assert (
                found["response_types_supported"] == ["code"]
                and "RS256" in found["id_token_signing_alg_values_supported"]
            )


def test_authorization_address(sandbox):
    auth = client(sandbox, state_token="mine")
    query = parse_qs(urlsplit(auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID])).query)
    assert query["scope"] == ["com.intuit.quickbooks.accounting openid"] and query["state"] == ["mine"]


def test_consent_and_tokens(sandbox):
    auth = client(sandbox)
    address = auth.get_authorization_url([Scopes.ACCOUNTING])
    back = sandbox.consent(address)
    assert back["state"] == auth.state_token and back["realmId"] == sandbox.realm
    auth.get_bearer_token(back["code"], realm_id=back["realmId"])
    assert (auth.expires_in, auth.realm_id) == (3600, sandbox.realm)
    assert auth.x_refresh_token_expires_in == 8640000 and auth.id_token is None
    assert len(auth.access_token) > 500 and auth.access_token.startswith("eyJ")
    assert company_info(sandbox, auth.access_token).json()["CompanyInfo"]["CompanyName"]
    assert "invalid" in refused("invalid_grant", 400, auth.get_bearer_token, back["code"]).lower()


def test_refusal_by_the_user(sandbox):
    auth = client(sandbox, state_token="s")
    back = sandbox.consent(auth.get_authorization_url([Scopes.ACCOUNTING]), action="cancel")
    assert back["error"] == "access_denied" and back["state"] == "s" and "code" not in back


def test_refresh(sandbox):
    auth = signed_in(sandbox)
    first, kept = auth.access_token, auth.refresh_token
    auth.refresh()
    assert auth.access_token != first and auth.expires_in == 3600
    assert company_info(sandbox, auth.access_token).ok
    auth.refresh(kept)
    assert company_info(sandbox, auth.access_token).ok


def test_the_refresh_token_changes_after_a_day(sandbox):
    auth = signed_in(sandbox)
    kept = auth.refresh_token
    sandbox.control("clock", {"hours": 26})
    auth.refresh()
    assert auth.refresh_token != kept
    sandbox.control("clock", {"hours": 26})
    auth.refresh()
    refused("invalid_grant", 400, auth.refresh, kept)
    sandbox.control("clock", {"reset": True})


def test_access_token_lives_an_hour(sandbox):
    auth = signed_in(sandbox)
    sandbox.control("clock", {"advance": 3601})
    answer = company_info(sandbox, auth.access_token)
    assert answer.status_code == 401 and answer.json()["fault"]["error"][0]["code"] == "3200"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    auth.refresh()
    assert company_info(sandbox, auth.access_token).ok
    sandbox.control("clock", {"reset": True})


def test_refresh_token_lives_a_hundred_days(sandbox):
    auth = signed_in(sandbox)
    sandbox.control("clock", {"days": 101})
    refused("invalid_grant", 400, auth.refresh)
    sandbox.control("clock", {"reset": True})


def test_wrong_secret_and_tokens(sandbox):
    auth = signed_in(sandbox)
    refused("invalid_client", 401, client(sandbox, client_secret="wrong", refresh_token=auth.refresh_token).refresh)
    refused("invalid_client", 401, client(sandbox, client_id="nobody", refresh_token=auth.refresh_token).refresh)
    refused("invalid_grant", 400, auth.refresh, "AB11nonsense")
    refused("invalid_grant", 400, auth.get_bearer_token, "nonsense")
    with pytest.raises(ValueError):
        client(sandbox).refresh()


def test_code_of_another_redirect(sandbox):
    auth = client(sandbox)
    back = sandbox.consent(auth.get_authorization_url([Scopes.ACCOUNTING]))
    auth.redirect_uri = "https://elsewhere.example.com/"
    refused("invalid_grant", 400, auth.get_bearer_token, back["code"])


def test_openid(sandbox):
    auth = signed_in(sandbox, EVERYTHING)
    assert auth.id_token, "the library keeps an id token only when it is valid"
    assert validate_id_token(auth.id_token, auth.client_id, auth.issuer_uri, auth.jwks_uri)
    head, body, sign = auth.id_token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert claims["aud"] == [auth.client_id] and claims["iss"] == auth.issuer_uri and claims["realmid"] == sandbox.realm
    assert claims["exp"] > claims["iat"] >= claims["auth_time"] and claims["sub"]
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "another"}).encode()).decode().rstrip("=")
    assert not validate_id_token(f"{head}.{changed}.{sign}", auth.client_id, auth.issuer_uri, auth.jwks_uri)
    assert not validate_id_token(auth.id_token, "another", auth.issuer_uri, auth.jwks_uri)
    user = auth.get_user_info().json()
    assert user["sub"] == claims["sub"] and user["emailVerified"] is True and "@" in user["email"]
    assert {"givenName", "familyName", "phoneNumber", "address"} <= set(user)


def test_user_info_needs_its_scope(sandbox):
    auth = signed_in(sandbox, [Scopes.OPENID, Scopes.EMAIL])
    assert set(auth.get_user_info().json()) == {"sub", "email", "emailVerified"}
    with pytest.raises(AuthClientError) as caught:
        auth.get_user_info("nonsense")
    assert caught.value.status_code == 401


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoke(sandbox, which):
    auth = signed_in(sandbox)
    assert auth.revoke(getattr(auth, which)) is True
    refused("invalid_grant", 400, auth.refresh)
    assert company_info(sandbox, auth.access_token).status_code == 401
    with pytest.raises(AuthClientError) as caught:
        auth.revoke("nonsense")
    assert caught.value.status_code == 400


def test_disconnect_by_the_user(sandbox):
    auth = signed_in(sandbox)
    sandbox.control("oauth", {"disconnect": True, "realm": sandbox.realm})
    refused("invalid_grant", 400, auth.refresh)
    assert company_info(sandbox, auth.access_token).status_code in (401, 403)


def test_absolute_life_of_the_refresh_token(sandbox):
    if not hasattr(AuthClient, "include_refresh_token_hard_expires_in"):
        pytest.skip("this release does not ask for it")
    auth = client(sandbox)
    auth.include_refresh_token_hard_expires_in = True
    back = sandbox.consent(auth.get_authorization_url([Scopes.ACCOUNTING]))
    auth.get_bearer_token(back["code"])
    assert auth.x_refresh_token_hard_expires_in == 157680000
    sandbox.control("clock", {"days": 30})
    auth.refresh()
    assert auth.x_refresh_token_hard_expires_in == 157680000 - 30 * 86400
    sandbox.control("clock", {"reset": True})


def test_own_addresses(sandbox):
    auth = client(sandbox)
    auth.setAuthorizeURLs(
        {
            "auth_endpoint": f"{sandbox.url}/connect/oauth2",
            "token_endpoint": f"{sandbox.url}/oauth2/v1/tokens/bearer",
            "revoke_endpoint": f"{sandbox.url}/v2/oauth2/tokens/revoke",
            "user_info_url": f"{sandbox.url}/v1/openid_connect/userinfo",
        }
    )
    back = sandbox.consent(auth.get_authorization_url([Scopes.ACCOUNTING]))
    auth.get_bearer_token(back["code"])
    assert auth.refresh_token
