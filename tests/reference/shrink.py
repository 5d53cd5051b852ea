"""Making a failing history small (delta debugging): ever fewer lines that still fail."""


def shrunk(items, fails, most_tries):
    """The least part of `items` that was found to fail, in their order; every single removal is tried, tries allowing.

    `items` as a whole fails. At most `most_tries` calls of `fails`.
    """
    items, parts, tries = list(items), 2, 0
    while len(items) > 1:
        size = -(-len(items) // parts)
        for start in range(0, len(items), size):
            rest = items[:start] + items[start + size:]
            tries += 1
            if tries > most_tries:
                return items
            if fails(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                return items
            parts = min(2 * parts, len(items))
    return items
