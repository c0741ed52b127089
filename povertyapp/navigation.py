"""What every page's frame shows: the menu by permission, the person and the posting."""


def shell(request):
    return {}
