"""Everything about X, and nothing of Telegram: sign in, upload, post, once and in order.

Signing in and posting a photo takes ten lines; `ask` shows the link to the person at the browser
and returns the address that the browser was sent to:

    async def post_photo(endpoints, app, ask, path, text):
        secrets = {"state": generate_token(64), "verifier": generate_token(64)}
        async with Client(endpoints, app) as x:
            link, pending = oauth2.begin(app, endpoints.authorize, now=time.time(), **secrets)
            landing = oauth2.landed(pending, await ask(link), time.time())
            token = await x.exchange(landing.code, pending.verifier)
            image = await Workshop().fit(path)
            photo = await x.upload_v2(token.access_token, image.path, image.mime)
            image.discard()
            post = await x.create(token.access_token, Tweet(text), [photo.media_id])
            return post.id

with these imports:

    import time
    from authlib.common.security import generate_token
    from twitter_core import oauth2
    from twitter_core.client import Client, Endpoints
    from twitter_core.post import Tweet
    from twitter_core.workshop import Workshop

`publisher.Publisher` does the same so that nothing is lost or doubled. It is given a `store.Store`
and two things of yours: where the bytes of a medium are (`uploads.Files`), and whom to tell that an
entry changed (`publisher.Audience`).
"""
