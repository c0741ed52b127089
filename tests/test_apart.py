from tests.apart import move_apart


def test_each_process_has_its_own_directory_and_redis_databases():
    environment = {"POVERTYAPP_VAR": "/v", "CELERY_BROKER_URL": "redis://:word@127.0.0.1:6500/0",
                   "CACHE_URL": "redis://:word@127.0.0.1:6500/1"}
    move_apart(environment, "gw1")
    assert environment == {"POVERTYAPP_VAR": "/v/gw1", "CELERY_BROKER_URL": "redis://:word@127.0.0.1:6500/2",
                           "CACHE_URL": "redis://:word@127.0.0.1:6500/3"}


def test_without_redis_only_the_directory_moves():
    environment = {"POVERTYAPP_VAR": "/v"}
    move_apart(environment, "gw0")
    assert environment == {"POVERTYAPP_VAR": "/v/gw0"}
