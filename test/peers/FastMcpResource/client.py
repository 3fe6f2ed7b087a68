"""A FastMCP client: `client.py URL`. Logs in as it does for everybody; its browser goes where it is sent, at once.

Each line `call` on its standard input calls `whoami` once and prints one line of JSON: what the tool said, the tokens
that the client then has, and how often its browser was opened. `expire` makes it believe that its access token expired.
"""

import asyncio
import json
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser

from fastmcp import Client
from fastmcp.client.auth import OAuth


def follow(url: str) -> None:
    """The client listens for the answer only after it has opened the browser: till then, once more."""
    while True:
        try:
            return urllib.request.urlopen(url).close()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.02)


class Browser(webbrowser.BaseBrowser):
    opened = 0

    def open(self, url, new=0, autoraise=True):
        Browser.opened += 1
        threading.Thread(target=follow, args=(url,), daemon=True).start()
        return True


async def call(url: str, oauth: OAuth) -> dict:
    async with Client(url, auth=oauth) as client:
        result = await client.call_tool("whoami")
    registered, tokens = oauth.context.client_info, oauth.context.current_tokens
    return {
        "said": result.data,
        "client": {"client_id": registered.client_id, "client_secret": registered.client_secret},
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "opened": Browser.opened,
    }


async def main(url: str) -> None:
    webbrowser.register("here", None, Browser(), preferred=True)
    oauth = OAuth(url, callback_timeout=240)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "expire":
            oauth.context.token_expiry_time = 1
        else:
            print(json.dumps(await call(url, oauth)), flush=True)


asyncio.run(main(sys.argv[1]))
