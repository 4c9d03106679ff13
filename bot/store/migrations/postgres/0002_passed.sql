-- Questions that somebody has seen as they are kept, and had passed on. Those kept before were not; nor are those that an older process keeps.
ALTER TABLE napebot.misses ADD COLUMN passed boolean NOT NULL DEFAULT false;
