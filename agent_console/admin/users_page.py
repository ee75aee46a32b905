"""Users: who may log in, as what, at which extension; new passwords, the end of sessions, and letting nobody in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import select

from agent_console.access import identity
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Company
from routing.calls.messages import AgentState, SetAgentState
from routing.staff.errors import BadUser
from routing.staff.extensions import DIALECT
from routing.staff.policy import COMPANY, ROLES
from routing.staff.users import NewUser

log = structlog.get_logger(__name__)

blueprint = Blueprint("users_page", __name__, url_prefix="/admin/users")


@blueprint.get("")
def index() -> str:
    """All users, and the form for a new one."""
    services = console_services()
    return render_template(
        "users.html", users=services.users.all(), roles=ROLES, companies=_companies(), told=None, user=None
    )


@blueprint.get("/<int:user_id>")
def show(user_id: int) -> str:
    """One user."""
    return _one(user_id)


@blueprint.post("")
def add() -> ResponseReturnValue:
    """Make a user. The password is in this answer, and nowhere else."""
    made = console_services().users.create(_entered(request.form.get("login", "")), identity().actor)
    return _one(made.id, made.password)


@blueprint.post("/<int:user_id>")
def change(user_id: int) -> ResponseReturnValue:
    """Change name, role, company, extension, skills and dialects."""
    services = console_services()
    before = services.users.get(user_id)
    entered = _entered(before.login)
    services.users.change(user_id, entered, identity().actor)
    if before.extension and before.extension != entered.extension:
        log_off(before.extension, "the extension belongs to nobody now")
    return _done(user_id)


@blueprint.post("/<int:user_id>/<what>")
def act(user_id: int, what: str) -> ResponseReturnValue:
    """Give a new password, disable, enable, take down the guard of guessed passwords, or end all sessions."""
    services, actor = console_services(), identity().actor
    if what == "password":
        return _one(user_id, services.users.reset_password(user_id, actor))
    if what == "disable":
        extension = services.users.disable(user_id, actor)
        if extension:
            log_off(extension, "the user was disabled")
        return _done(user_id)
    done: Final[dict[str, Callable[[int, str], None]]] = {
        "enable": services.users.enable,
        "unlock": services.users.lower_guard,
        "leave": services.users.log_out,
    }
    if what not in done:
        abort(404)
    done[what](user_id, actor)
    return _done(user_id)


def log_off(extension: str, reason: str) -> None:
    """Have the router give this telephone no more calls. What was decided holds all the same while Redis is away."""
    try:
        console_services().board.command(SetAgentState(extension, AgentState.LOGGED_OFF, reason, identity().actor))
    except RedisError as error:
        log.warning("users.not_logged_off", extension=extension, error=type(error).__name__)


def _one(user_id: int, told: str | None = None) -> str:
    user = console_services().users.get(user_id)
    words = [each for each in user.skills.split(",") if each]
    return render_template(
        "user.html", user=user, roles=ROLES, companies=_companies(), told=told,
        skills=", ".join(each for each in words if not each.startswith(DIALECT)),
        dialects=", ".join(each.removeprefix(DIALECT) for each in words if each.startswith(DIALECT)),
    )  # fmt: skip


def _entered(login: str) -> NewUser:
    """Read the form. Raises Invalid."""
    form = request.form
    role = form.get("role", "")
    company = form.get("company", "").strip() if role == COMPANY else ""
    if company and not (company.isascii() and company.isdigit() and len(company) < 10):
        raise BadUser("company_unknown")
    dialects = [each.strip() for each in form.get("dialects", "").replace("，", ",").split(",")]
    skills = ",".join([form.get("skills", ""), *(DIALECT + each for each in dialects if each)])
    return NewUser(
        login, form.get("name", ""), role, int(company) if company else None, form.get("extension", "").strip(), skills
    )


def _companies() -> list[tuple[int, str]]:
    with console_services().reading() as work:
        rows = work.execute(select(Company.id, Company.name).where(Company.active.is_(True)).order_by(Company.code))
        return [(row.id, row.name) for row in rows]


def _done(user_id: int) -> ResponseReturnValue:
    flash(text("user.saved"))
    return redirect(url_for("users_page.show", user_id=user_id))
