"""Rules of law as data: packs that can only lower what the source platform itself would send."""
