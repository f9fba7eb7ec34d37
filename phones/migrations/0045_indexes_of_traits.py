"""Index numbers by username, profile, calling and official account, while others write."""

from django.db import migrations, models

from portal.concurrent_indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0044_profile_lane")]
    operations = [
        AddIndex("phonenumber", models.Index(fields=[field, "id"], name=f"number_{short}"))
        for field, short in (
            ("username_state", "username"),
            ("profile_state", "profile"),
            ("calling_state", "calling"),
            ("is_official_business_account", "official"),
        )
    ]
