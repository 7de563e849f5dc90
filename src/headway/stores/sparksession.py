"""The one Spark that a process is connected to, and what its errors say."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from threading import RLock, Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from headway.engine.errors import StoreError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.app.name": "Headway",
    "spark.log.level": "FATAL",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.warehouse.dir": str(Path(gettempdir()) / "headway-spark"),
}
SAME_EVERYWHERE = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",
    "spark.sql.runSQLOnFiles": "false",
}
"""What the engine's SQL relies on, whatever else is set."""

ALONE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
"""Without a cluster, nobody else has to reach this process."""

REACHED_WITHIN = 5.0
"""Seconds in which a master must accept a connection."""


LINGERS = 120.0
"""Seconds for which an unused Spark keeps the cores of its cluster."""


@dataclass
class Running:
    """`stores` counts those that are open; only without any may Spark be stopped."""

    master: str
    settings: Mapping[str, str]
    session: SparkSession
    stores: int = 0
    end: Timer | None = None

    @property
    def alive(self) -> bool:
        context = self.session.sparkContext._jsc
        return context is not None and not context.sc().isStopped()


_running: Running | None = None
_lock = RLock()


def open_session(master: str, settings: Mapping[str, str]) -> SparkSession:
    """A session with views of its own; give it back with `close_session`.

    Starts Spark where it does not run yet. It is stopped when nobody has used it for a while, or
    when a store of another master is opened.
    """
    global _running
    with _lock:
        if _running is not None and not _fits(_running, master, settings):
            _stop(_running)
        if _running is None:
            _running = Running(master, dict(settings), _started(master, settings))
        if _running.end is not None:
            _running.end.cancel()
        _running.stores += 1
        return _running.session.newSession()


def close_session(session: SparkSession) -> None:
    with _lock:
        if _running is None or _running.session.sparkContext is not session.sparkContext:
            return
        _running.stores -= 1
        if not _running.stores:
            _running.end = Timer(LINGERS, _stop, (_running,))
            _running.end.daemon = True
            _running.end.start()


def _stop(running: Running) -> None:
    global _running
    with _lock:
        if _running is running and not (running.stores and running.alive):
            running.session.stop()
            _running = None


def settings_of(text: str) -> dict[str, str]:
    """Of `spark.executor.memory=4g spark.cores.max=8`. Raises StoreError."""
    pairs = text.split()
    for pair in pairs:
        if not pair.startswith("spark.") or "=" not in pair:
            raise StoreError(
                f"`{pair}` is no setting of Spark.",
                where="HEADWAY_SPARK_CONF",
                fix="Write for example `spark.executor.memory=4g`.",
            )
    return dict(pair.split("=", 1) for pair in pairs)


def _fits(running: Running, master: str, settings: Mapping[str, str]) -> bool:
    """Whether it may be used; raises where it may not be stopped either."""
    if not running.alive:
        return False
    if (running.master, running.settings) == (master, settings):
        return True
    if running.stores:
        raise StoreError(
            f"This process is connected to Spark at {running.master}, and can only use one Spark.",
            where=master,
            fix="Give all sources of kind spark the same master.",
        )
    return False


def _started(master: str, settings: Mapping[str, str]) -> SparkSession:
    _check(master)
    from pyspark.sql import SparkSession

    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    alone = ALONE if master.startswith("local") else {}
    wanted: dict[str, Any] = {**SETTINGS, **alone, **settings, **SAME_EVERYWHERE}
    try:
        session = SparkSession.builder.master(master).config(map=wanted).getOrCreate()
    except Exception as error:  # py4j's and pyspark's have nothing in common
        raise StoreError(
            f"Spark did not start: {reason(error)}",
            where=master,
            fix="What Spark printed before this says more.",
        ) from error
    return session


def _check(master: str) -> None:
    """Says what is missing before Spark does, at length or after minutes."""
    if find_spec("pyspark") is None:
        raise StoreError(
            "PySpark is not installed.", where=master, fix="Run `pip install 'headway[spark]'`."
        )
    java = Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java"
    if not (java.is_file() if "JAVA_HOME" in os.environ else shutil.which("java")):
        raise StoreError(
            "Spark needs Java 17 or 21, and there is none.",
            where=master,
            fix="Install it (Debian and Ubuntu: `apt install openjdk-17-jre-headless`) "
            "or set JAVA_HOME to where it is.",
        )
    if master.startswith("spark://"):
        _check_reached(master)
    elif not master.startswith(("local", "yarn", "k8s://")):
        raise StoreError(
            "This is not a Spark master.",
            where=master,
            fix="Write spark://host:7077, local[2], yarn or k8s://….",
        )


def _check_reached(master: str) -> None:
    """One of the masters, where several stand by."""
    for place in urlsplit(master).netloc.split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), REACHED_WITHIN).close()
        except (OSError, ValueError):
            continue
        return
    raise StoreError(
        "No Spark master answers there.",
        where=master,
        fix="Start it with `spark-class org.apache.spark.deploy.master.Master`, or correct "
        "the address.",
    )


def reason(error: BaseException) -> str:
    """The sentence in what Java says, without its stack."""
    java = getattr(error, "java_exception", None)
    text = str(java.getMessage() if java is not None else error).strip()
    return (text.splitlines() or [type(error).__name__])[0].rstrip(".") + "."
