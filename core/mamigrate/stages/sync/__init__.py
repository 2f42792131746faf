"""``sync``: denials that come after a move are carried to the other side, both ways; nothing is ever raised."""
