"""`python -m config.demo.data`: the rows a demo begins with. Running it again changes nothing that people changed."""

import os
import sys

import django

from config.demo.place import HANDSETS, OUR_NUMBER, SEGMENT, STAFF, password, the_place, write_secret


def main() -> int:
    """Make the admin, somebody of each group, five employees, the number's pace, and a fresh API token."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth.models import Group, User
    from knox.models import AuthToken

    from messaging.models import OriginationIdentity
    from shifts import people
    from shifts.models import Employee

    place = the_place()
    admin, made = User.objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
    if made:
        admin.set_password(password(place))
        admin.save()
    for username, role in STAFF.items():
        user, made = User.objects.get_or_create(username=username, defaults={"is_staff": True})
        if made:
            user.set_password(password(place))
            user.save()
            user.groups.set(Group.objects.filter(name=role))
    people.add_segment(SEGMENT)
    for name, number in HANDSETS:
        if not Employee.objects.filter(contact__phone_number=number).exists():
            people.save_employee(number, name=name, segments=[SEGMENT])
    # A 10DLC number has 1 message part per second; a conversation on five handsets reads better a little quicker.
    OriginationIdentity.objects.filter(identity=OUR_NUMBER, mps=1).update(mps=10)
    # Tokens are kept hashed and cannot be read back: each run has one of its own.
    AuthToken.objects.filter(user=admin).delete()
    _, token = AuthToken.objects.create(user=admin, expiry=None)
    write_secret(place.token_file, token)
    names = ", ".join(name for name, _ in HANDSETS)
    print(
        f"Demo data: admin, {', '.join(STAFF)}, employees {names} (segment {SEGMENT}), the number {OUR_NUMBER}",
        flush=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
