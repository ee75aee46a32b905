"""The second half of `./scripts/up`: everything after the Python environment stands. Safe to run again at any time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from db.encryption import FieldKeyError
from db.migrate import SchemaTooNew
from routing.settings import Settings, load_settings
from scripts.asterisk_root import NoAsteriskError
from scripts.commands.settings import sentence
from scripts.install.asterisk import need_asterisk
from scripts.install.data import prepare_database
from scripts.install.ports import need_ports
from scripts.install.ready import wait_until_healthy
from scripts.install.room import RUNNING_BYTES, need_room
from scripts.install.sounds import make_versions
from scripts.install.steps import Steps, Trouble, exit_with
from scripts.install.telephony import render_telephony
from scripts.install.unspoken import unspoken_services
from scripts.install.welcome import welcome
from scripts.kannel_config import write_kannel_config
from scripts.launch import write_environment
from scripts.manager_line import ManagerError, reload_asterisk
from scripts.parts import ROOT, parts, redis_config, render_redis_config
from scripts.restarts import Restarts
from scripts.revision import revisions
from scripts.secrets import ensure_secrets
from scripts.stop import stop
from scripts.supervise import Changes, Supervisor


def up(steps: Steps) -> None:
    """Set up and start one instance, and wait until it is healthy. Raises Trouble with the sentence to show."""
    settings = _settle()
    supervisor = Supervisor(settings)
    _make_way(settings, supervisor, steps)
    make_versions(settings, supervisor)
    root = need_asterisk(settings, steps)
    steps.say(f"Asterisk: {'the system package' if root == Path('/') else root}")
    with steps.step("Database: migrating" + (", and loading demo data" if settings.development else "")):
        prepare_database(settings)
    if unsaid := unspoken_services(settings):
        steps.say(f"Without a recording, so callers hear no name: {', '.join(unsaid)} (docs/services.md)")
    changed = render_telephony(settings)
    redis_config(settings).parent.mkdir(exist_ok=True)
    redis_config(settings).write_text(render_redis_config(settings))
    running = parts(settings)
    if settings.sms_simulated == "kannel":
        write_kannel_config(settings)
    supervisor.write(running, revisions(running, settings, settings.var_dir / "asterisk" / "etc"))
    write_environment(supervisor.environment)
    Restarts(supervisor.environment.parent).forget()
    if supervisor.process() is None:
        with steps.step("Starting " + ", ".join(part.name for part in running)):
            supervisor.start()
    else:
        _follow(settings, supervisor.apply(), changed, steps)
    with steps.step("Waiting until every part is well"):
        wait_until_healthy(settings, supervisor, steps)
    steps.say("Elderline is up.")
    print(welcome(settings))


def _settle() -> Settings:
    """Read the settings, make the instance's folder and its secrets, and read the settings with them."""
    before = load_settings(ROOT)
    need_room(before.var_dir, RUNNING_BYTES, "running Elderline")
    before.var_dir.mkdir(parents=True, exist_ok=True)
    before.var_dir.chmod(0o700)  # Recordings, the database and the secrets are nobody else's on this machine.
    ensure_secrets(before.var_dir)
    for folder in ("log", "run"):
        (before.var_dir / folder).mkdir(exist_ok=True)
    return load_settings(ROOT)


def _make_way(settings: Settings, supervisor: Supervisor, steps: Steps) -> None:
    """End what a killed supervisor left behind, and see that the ports are free or ours."""
    if supervisor.process() is not None and not supervisor.answers():
        steps.say("The supervisor that runs does not answer; starting anew")
        stop(settings, steps)
    elif supervisor.process() is None and supervisor.children():
        stop(settings, steps)
    need_ports(settings, {process.pid for process in supervisor.children()})


def _follow(settings: Settings, changes: Changes, changed_files: list[str], steps: Steps) -> None:
    """Say what a second run changed, and let Asterisk take up new configuration without dropping calls."""
    for what, names in (("Started", changes.started), ("Restarted", changes.restarted), ("Stopped", changes.stopped)):
        if names:
            steps.say(f"{what}: {', '.join(names)}")
    steps.say(
        f"Left alone, with their calls: {', '.join(changes.kept)}" if changes.kept else "All parts were restarted"
    )
    if changed_files and "asterisk" in changes.kept:
        steps.say(f"Asterisk reads again: {', '.join(changed_files)}")
        reload_asterisk(settings)


def main() -> int:
    """Run, and end every foreseeable failure in one sentence. Gives the exit status."""
    os.chdir(ROOT)
    steps = Steps()
    try:
        if sms := simulated(sys.argv[1:]):
            os.environ["ELDERLINE_SMS_SIMULATED"] = sms
        up(steps)
    except (ValidationError, FieldKeyError) as error:
        return exit_with(sentence(error) if isinstance(error, ValidationError) else f"bad setting: {error}", "up")
    except (Trouble, NoAsteriskError, ManagerError, SchemaTooNew, subprocess.SubprocessError) as error:
        return exit_with(str(error), "up")
    except (SQLAlchemyError, CommandError) as error:
        return exit_with(f"the database could not be prepared: {str(error).splitlines()[0]}", "up")
    except OSError as error:
        return exit_with(_about(error), "up")
    except KeyboardInterrupt:
        return exit_with("interrupted; run it again to go on from here", "up")
    return 0


def simulated(arguments: list[str]) -> str:
    """Read which carrier is to be simulated; empty: none. Raises Trouble when the arguments make no sense."""
    match arguments:
        case []:
            return ""
        case ["--sms"]:
            return "smpp"
        case ["--sms", ("smpp" | "kannel") as which]:
            return which
        case _:
            raise Trouble("it is called as ./scripts/up, or as ./scripts/up --sms smpp or --sms kannel")


def _about(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"no room on disk for {error.filename or 'the instance'}: free some and run it again"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{error.filename} may not be written ({error.strerror}): run it as root, with sudo ./scripts/up"
    return f"{error.filename or 'the system'}: {error.strerror}"


if __name__ == "__main__":
    sys.exit(main())
