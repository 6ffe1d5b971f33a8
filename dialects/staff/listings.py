"""What each list can be narrowed and sorted by."""

from dialects.staff.filters import (
    Listing,
    always,
    among,
    at_least,
    at_most,
    equals,
    exactly,
    flag,
    nothing,
    on,
    present,
    since,
    until,
)

ADDRESSES = Listing(
    filters={
        "country_id": exactly("country"),
        "state_id": exactly("region"),
        "city_id": exactly("city"),
        "country_in": among("country"),
        "state_in": among("region"),
        "city_in": among("city"),
        "id_min": at_least("id"),
        "id_max": at_most("id"),
        "has_national_code": present("national_id"),
        "created_date": on("created_at"),
        "updated_date": on("updated_at"),
        "created_from": since("created_at"),
        "created_to": until("created_at"),
        "updated_from": since("updated_at"),
        "updated_to": until("updated_at"),
    },
    search=("first_name", "last_name", "postal_code", "street"),
    ordering={
        "id": "id",
        "country": "country",
        "state": "region",
        "city": "city",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "default": "default_shipping",
    },
    default_order=("-created_at",),
)
# "List Customers": of avatars, tokens, logins and groups there are none here.
CUSTOMERS = Listing(
    filters={
        "has_email": present("email"),
        "has_avatar": always(False),
        "has_phone": present("phone"),
        "has_token": always(False),
        "has_first_name": present("first_name"),
        "has_last_name": present("last_name"),
        "is_active": flag("is_active"),
        "is_profile_completed": always(False),
        "is_online": always(False),
        "gender": equals("gender"),
        "groups_in": nothing(among("id")),
        "group_id": nothing(exactly("id")),
        "last_login_date": nothing(on("created_at")),
        "last_login_from": nothing(since("created_at")),
        "last_login_to": nothing(until("created_at")),
        "id_min": at_least("id"),
        "id_max": at_most("id"),
        "created_date": on("created_at"),
        "updated_date": on("updated_at"),
        "created_from": since("created_at"),
        "created_to": until("created_at"),
        "updated_from": since("updated_at"),
        "updated_to": until("updated_at"),
    },
    search=("id", "phone", "email", "first_name", "last_name"),
    ordering={
        "id": "id",
        "email": "email",
        "gender": "gender",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    default_order=("-created_at",),
    constant=("username", "last_login"),
)
COUNTRIES = Listing(
    filters={},
    search=("id", "name", "code"),
    ordering={"id": "id", "name": "name", "code": "code"},
    default_order=("id",),
)
STATES = Listing(
    filters={
        "country_id": exactly("country"),
        "country_in": among("country"),
        "active": always(True),
    },
    search=("id", "name", "code"),
    ordering={"id": "id", "name": "name", "code": "code"},
    default_order=("name",),
)
CITIES = Listing(
    filters={
        "country_id": exactly("country"),
        "country_in": among("country"),
        "state_id": exactly("region"),
        "state_in": among("region"),
        "active": always(True),
    },
    search=("id", "name"),
    ordering={"id": "id", "name": "name"},
    default_order=("name",),
)
