"""Rules of a session (idle logout, password age) and failures said in a sentence."""


class SessionRules:
    """Placeholder ordering point of the session rules."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class Failures(SessionRules):
    pass
