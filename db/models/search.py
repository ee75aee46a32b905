"""Keys by which elders are found when nobody is calling: keyed hashes, because names and addresses are sealed."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class ElderSearchKey(Base):
    """One word of an elder's record (db.search_words), as the first bytes of its keyed hash."""

    __tablename__ = "elder_search_keys"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy's own form.

    key: Mapped[bytes] = mapped_column(LargeBinary(8), primary_key=True)
    elder_id: Mapped[int] = mapped_column(
        ForeignKey("elders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
