"""Authlib's example server (authlib/example-oauth2-server), on a free loopback port, its database in memory.

Grants, models and configuration are the example's; the pages are not: it approves whoever asks, and the clients of its
form are made at the start. Prints one line of JSON as soon as it can be connected to, and ends with its standard input.
"""

import json
import os
import socket
import sys
import threading
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.pool import StaticPool
from werkzeug.serving import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
REDIRECT_URI = "http://127.0.0.1:7654/callback"

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI="sqlite://",
    SQLALCHEMY_ENGINE_OPTIONS={"poolclass": StaticPool, "connect_args": {"check_same_thread": False}},
    OAUTH2_REFRESH_TOKEN_GENERATOR=True,
)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def get_user_id(self):
        return self.id


class OAuth2Client(db.Model, OAuth2ClientMixin):
    __tablename__ = "oauth2_client"
    id = db.Column(db.Integer, primary_key=True)


class OAuth2AuthorizationCode(db.Model, OAuth2AuthorizationCodeMixin):
    __tablename__ = "oauth2_code"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))


class OAuth2Token(db.Model, OAuth2TokenMixin):
    __tablename__ = "oauth2_token"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    user = db.relationship("User")

    def is_refresh_token_active(self):
        if self.is_revoked():
            return False
        return self.issued_at + self.expires_in * 2 >= time.time()


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code, request):
        payload = request.payload
        auth_code = OAuth2AuthorizationCode(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=payload.redirect_uri,
            scope=payload.scope,
            user_id=request.user.id,
            code_challenge=payload.data.get("code_challenge"),
            code_challenge_method=payload.data.get("code_challenge_method"),
        )
        db.session.add(auth_code)
        db.session.commit()
        return auth_code

    def query_authorization_code(self, code, client):
        auth_code = OAuth2AuthorizationCode.query.filter_by(code=code, client_id=client.client_id).first()
        if auth_code and not auth_code.is_expired():
            return auth_code

    def delete_authorization_code(self, authorization_code):
        db.session.delete(authorization_code)
        db.session.commit()

    def authenticate_user(self, authorization_code):
        return db.session.get(User, authorization_code.user_id)


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def authenticate_refresh_token(self, refresh_token):
        token = OAuth2Token.query.filter_by(refresh_token=refresh_token).first()
        if token and token.is_refresh_token_active():
            return token

    def authenticate_user(self, credential):
        return db.session.get(User, credential.user_id)

    def revoke_old_credential(self, credential):
        credential.access_token_revoked_at = int(time.time())
        credential.refresh_token_revoked_at = int(time.time())
        db.session.add(credential)
        db.session.commit()


server = AuthorizationServer(
    app,
    query_client=create_query_client_func(db.session, OAuth2Client),
    save_token=create_save_token_func(db.session, OAuth2Token),
)
server.register_grant(AuthorizationCodeGrant, [CodeChallenge(required=True)])
server.register_grant(RefreshTokenGrant)
server.register_endpoint(create_revocation_endpoint(db.session, OAuth2Token))
require_oauth = ResourceProtector()
require_oauth.register_token_validator(create_bearer_token_validator(db.session, OAuth2Token)())


@app.get("/oauth/authorize")
def authorize():
    user = db.session.get(User, 1)
    try:
        grant = server.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        return error.error
    return server.create_authorization_response(grant_user=user, grant=grant)


@app.post("/oauth/token")
def issue_token():
    return server.create_token_response()


@app.post("/oauth/revoke")
def revoke_token():
    return server.create_endpoint_response("revocation")


@app.get("/api/me")
@require_oauth()
def api_me():
    return jsonify(id=1)


def add_client(client_id, secret, method):
    client = OAuth2Client(client_id=client_id, client_secret=secret, client_id_issued_at=int(time.time()))
    client.set_client_metadata(
        {
            "client_name": client_id,
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [REDIRECT_URI],
            "response_types": ["code"],
            "scope": "read write",
            "token_endpoint_auth_method": method,
        }
    )
    db.session.add(client)


with app.app_context():
    db.create_all()
    db.session.add(User(id=1))
    add_client("app", "secret-of-app", "client_secret_basic")
    add_client("other", "", "none")
    db.session.commit()


def end_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_standard_input, daemon=True).start()
# One request after the other: the database is one connection.
listener = socket.create_server(("127.0.0.1", 0))
http = make_server("127.0.0.1", 0, app, fd=listener.fileno())
print(json.dumps({"issuer": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
http.serve_forever()
