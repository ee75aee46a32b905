"""The photo in an elder's record: put, shown, deleted. Each change is in the audit; looks are, where they happen."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from db.models import AuditEntry, Elder, ElderPhoto
from db.session import UnitOfWork
from routing.elders.departures import NotActive
from routing.elders.portrait import portrait
from routing.errors import NotFound


class ElderPhotos:
    """Keeps one photo for each elder. `by` is who asks, as user:2. Threads share one."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock

    def put(self, elder_id: int, content: bytes, by: str) -> None:
        """Keep this one, in place of what was there. Raises Unfit, NotFound, and NotActive for whoever left."""
        made, now = portrait(content), self._clock()
        with self._unit_of_work() as work:
            elder = work.get(Elder, elder_id)
            if elder is None:
                raise NotFound(f"there is no elder {elder_id}")
            if elder.state != "active":
                raise NotActive(f"elder {elder_id} is {elder.state}")
            jpeg = base64.b64encode(made.jpeg).decode()
            kept = ElderPhoto(elder_id=elder_id, jpeg=jpeg, width=made.width, height=made.height, put_at=now)
            kept.put_by = by[:60]
            work.merge(kept)
            detail = f"{made.width}x{made.height}"
            work.add(AuditEntry(at=now, actor=by, action="elder.photo.put", subject=f"elder:{elder_id}", detail=detail))

    def jpeg(self, elder_id: int) -> bytes:
        """Give the photo. Raises NotFound."""
        with self._reading() as work:
            kept = work.get(ElderPhoto, elder_id)
            if kept is None:
                raise NotFound(f"there is no photo of elder {elder_id}")
            return base64.b64decode(kept.jpeg)

    def size(self, elder_id: int) -> tuple[int, int] | None:
        """Give its width and height, without opening it; None if there is none."""
        with self._reading() as work:
            row = work.execute(
                select(ElderPhoto.width, ElderPhoto.height).where(ElderPhoto.elder_id == elder_id)
            ).first()
            return (row.width, row.height) if row else None

    def drop(self, elder_id: int, by: str) -> None:
        """Delete it. Raises NotFound."""
        with self._unit_of_work() as work:
            kept = work.get(ElderPhoto, elder_id)
            if kept is None:
                raise NotFound(f"there is no photo of elder {elder_id}")
            work.delete(kept)
            subject, now = f"elder:{elder_id}", self._clock()
            work.add(AuditEntry(at=now, actor=by, action="elder.photo.deleted", subject=subject, detail=""))
