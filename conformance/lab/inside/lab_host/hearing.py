"""Ends when somebody listens to each of some topics of the bus: ``hearing CONFIG TOPIC TOPIC``.

The bus is the one that a service's configuration names. What is said before somebody listens is lost.
"""

from __future__ import annotations

import configparser
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import amqp


def heard(url: str, topic: str) -> bool:
    """Whether somebody listens to a topic."""
    parts = urlsplit(url)
    bus = amqp.Connection(
        host=f"{parts.hostname}:{parts.port}", userid=parts.username, password=parts.password, connect_timeout=5
    )
    with bus:
        return bool(bus.channel().queue_declare(topic, passive=True).consumer_count)


def main(file: Path, topics: list[str]) -> None:
    """Stay until all are heard; why they are not goes to the log."""
    config = configparser.RawConfigParser(strict=False)
    config.read_string(file.read_text())
    while topics:
        try:
            if heard(config["DEFAULT"]["transport_url"], topics[0]):
                topics = topics[1:]
                continue
        except (OSError, amqp.AMQPError) as error:
            print(f"{topics[0]}: {type(error).__name__} {error}"[:200], flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
