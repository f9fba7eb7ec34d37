"""What breaks, broken on purpose under real processes, which are started as docs/operations.md says: `make drills`.

After each drill, without an operator: whatever is due is read within two ticks and two minutes, Meta saw at most one
POST for each action, and nothing that was acknowledged is lost. What an ordinary test holds already is not tried here
again.

F01 killed between pages        test_kills.py; an answer under way: tests/processes/test_production.py,
                                tests/processes/test_killed_sync.py
F02 killed in the transaction   test_kills.py, on both databases
F03 Redis killed five times     test_redis.py; once, under a busy worker: tests/processes/test_redis.py
F04 Redis half-open             test_redis.py, by half_open.py
F05 Redis silent at a click     tests/processes/test_redis.py
F06 no Redis at all             tests/processes/test_webhooks.py, and what stands here on_sqlite.py
F07 Redis flushed               test_redis.py
F08 messages that come often    test_redis.py
F09 the same sync many times    test_doubles.py; without processes: tests/phones/sync/test_runs.py
F10 two schedulers, or none     test_doubles.py; no messages pile up: tests/portal/test_beat.py
F11 clocks that are wrong       test_clocks.py, by wrong_clock/; stored times: tests/phones/sync/test_clocks.py
F12 SQLite locked               test_sqlite_locked.py
F13 PostgreSQL restarts         test_postgresql.py; locks and deadlocks: tests/phones/sync/test_locked_rows.py,
                                tests/phones/actions/test_at_once.py
    no connection left          test_postgresql.py
F14 full, or read-only          test_full.py; a read-only SQLite: tests/portal/web/test_database_away.py
F15 a worker that grows         tests/phones/sync/test_memory.py, run by `make drills` too
F16 stopped in the middle       test_kills.py (registering); syncing: tests/processes/test_redis.py; killed while it
                                registers many: tests/processes/test_bulk_run.py
F17 a WABA that kills           test_poison.py, by poison/; beside others: tests/phones/sync/test_locked_rows.py
F29 too many calls              test_late_answers.py; estimates that can't be true: tests/phones/sync/test_waits.py; the
                                app's own limit: tests/phones/sync/test_app_limits.py
F30 half of a WABA's calls      test_quota.py; health and events: tests/phones/sync/test_health.py,
                                tests/phones/events/test_readings.py
F31 an old answer after a newer test_late_answers.py; without processes: tests/phones/sync/test_runs.py
F64 a migration under way       tests/portal/commands/test_migrate.py, tests/test_migrations.py
    old code on new tables      test_upgrade.py, on both databases, by last_release.py and every_table.py
F68 a backup put back           tests/portal/test_backup.py

A full disk is a file system in memory, which only root can make: that drill fails without.
"""
