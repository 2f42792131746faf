"""Who may write a file beside its owner."""

import grp
import os
import pwd
import stat


def others(found: os.stat_result) -> bool:
    """Whether somebody else may. A group that holds the owner alone, as many systems make one for each user, is nobody else."""
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _alone(found.st_uid, found.st_gid)


def _alone(user: int, group: int) -> bool:
    try:
        owner, told = pwd.getpwuid(user), grp.getgrgid(group)
    except (
        KeyError
    ):  # Nobody knows them here, in a container for one: then nobody else here can be of that group either.
        return user == os.geteuid() and group == os.getegid()
    members = {owner.pw_name, *told.gr_mem, *(one.pw_name for one in pwd.getpwall() if one.pw_gid == group)}
    return (owner.pw_gid, told.gr_name) == (group, owner.pw_name) and members == {owner.pw_name}
