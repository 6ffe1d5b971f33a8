"""How to write a dialect.

A dialect is one documented API. It lives in a package of its own, here or anywhere:

    __init__.py   DIALECT = Dialect(name=..., root=..., blueprint=..., ...)
    routes.py     the blueprint: one function for each documented endpoint
    schemas.py    decode and encode: between wire and canonical fields, no database
    forms.py      what a body may hold: a `dialects.forms.Form` for each
    auth.py       who is asking
    errors.py     fail(error): what every error looks like
    README.md     the contract: endpoints, sources, known divergences

1. Read the documentation. Record exchanges as `.http` files before writing code.
2. Write `decode(wire, onto)`. It gets the address that is to be changed, or None, and
   gives the changes. A client sends back what `encode` showed it, so what is equal to
   that is no change: this keeps what your API cannot show.
3. Write `encode(address)`. What cannot be shown is named in `losses`, with the reason.
   If your API speaks of customers, do the same for them, and name what it does with
   them in `customer_operations`.
4. Write the views. Each has three steps: decode, call the book, encode. The book comes
   from `open_book()`, which opens the shop of the caller's key, and knows whether the
   method may write. Ids in and out are your dialect's own.
5. Write `fail`. It gets every error below your root: the core's (codes, no words),
   werkzeug's, and bugs. It must answer them all.
6. Authenticate in `before_request`, so that no route can be forgotten. Find the key
   with `find_key`, put it in `flask.g.key`, and raise `Unauthenticated` or `Forbidden`.
   An error of routing reaches `fail` unauthenticated: if your API authenticates before
   it routes, do so there.
   A route that is documented as open to everyone is named in `open_routes`.
7. Where page and platform differ, or neither speaks, name it in `quirks`, and ask
   `quirk(name of the dialect, name)` what the operator chose.
8. Register it: an entry point in the group `gateway.dialects`.
9. Test it: a subclass of `gateway.testing.DialectConformance` with your driver and
   recordings. It proves the laws that `gateway.testing.laws` lists.

What is documented, and what any server of the API can be asked, is named by `checks`;
`address-gateway verify` asks it. What serving does not need (`checks`, `rehearsal`,
`fixtures`, `sign`, `remote`) is given as `imported("module:name")`. A form is found by
`dialects.loading.form("module:NAME")`, which imports it for the first body.

A dialect imports `core`, `dialects.base`, `dialects.checks` and `dialects.limits`, and
no other dialect; `request`, `g` and `current_app` it takes from `dialects.current`.
"""
