import pytest

from marketplace.core.checks import production_settings


@pytest.fixture
def production(settings):
    settings.DEBUG = settings.TESTING = settings.DEMO = False
    settings.SECURE = True
    settings.SECRET_KEY, settings.TOKEN_PEPPER = "s" * 40, "p" * 40
    settings.ALLOWED_HOSTS = ["market.example"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return settings


def ids() -> set[str | None]:
    return {message.id for message in production_settings(None)}


def test_good_production_settings_pass(production):
    assert ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "short", "yizhan.E001"),
        ("TOKEN_PEPPER", "", "yizhan.E001"),
        ("TOKEN_PEPPER", "s" * 40, "yizhan.E002"),
        ("ALLOWED_HOSTS", ["*"], "yizhan.E003"),
        ("SECURE", False, "yizhan.E004"),
        ("DEMO", True, "yizhan.E005"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "yizhan.W001"),
    ],
)
def test_bad_production_setting_is_refused(production, name, value, expected):
    setattr(production, name, value)
    assert ids() == {expected}
