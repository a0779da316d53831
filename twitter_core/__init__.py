"""Everything about X, and nothing of Telegram: sign in, upload, post, once and in order.

Signing in and posting a photo takes ten lines; `ask` shows the link to the person at the browser
and returns the address that the browser was sent to:

    async def post_photo(endpoints, app, ask, path, text):
        async with Client(endpoints, app) as x:
            session = Session(x)
            link, pending = session.begin()
            await session.land(await ask(link), pending)
            post = await session.post_files(text, path)
            return post.id

with these imports:

    from twitter_core.client import Client, Endpoints
    from twitter_core.session import Session

`session` makes each call at once, and a file may also be bytes or a URL; docs/LIBRARY.md shows all
of it. `publisher.Publisher` does the same so that nothing is lost or doubled. It is given a
`store.Store` and two things of yours: where the bytes of a medium are (`uploads.Files`), and whom
to tell that an entry changed (`publisher.Audience`).
"""
