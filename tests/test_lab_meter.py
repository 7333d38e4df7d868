"""What the lab's meter makes of what it hears: a guest's life, its disks, and pings."""

from __future__ import annotations

from conformance.lab import meter, pings
from conformance.lab.life import Life, disks


def log(*counts: int, boot: str = "4f0c2a91", state: str = "good") -> str:
    """A guest's log."""
    return "".join(f"{boot} {count} {count}.07 {state}\n" for count in counts)


def heard(*logs: str) -> Life:
    """A life of which these logs were read, one after the other."""
    life = Life()
    for one in logs:
        life.learn(one)
    return life


def test_a_life_that_goes_on() -> None:
    """It is one boot, counted without a gap, whatever each log begins and ends with."""
    life = heard(log(1, 2), log(1, 2, 3) + "4f0c2a91 4 4.0")
    assert life.goes_on
    assert life.told() == {"boot": "4f0c2a91", "boots": {"4f0c2a91": 3}, "missing": [], "repeated": [], "failed": []}


def test_a_guest_that_stands_still() -> None:
    """One that tells the same again doesn't go on, and neither does one that says nothing."""
    assert not heard(log(1, 2), log(1, 2)).goes_on
    assert not heard("", "").goes_on


def test_a_guest_that_was_started_again() -> None:
    """It is another boot, and both are told."""
    told = heard(log(1, 2, 3), log(1, boot="0b5d77e2")).told()
    assert (told["boot"], told["boots"]) == ("0b5d77e2", {"4f0c2a91": 3, "0b5d77e2": 1})


def test_a_guest_that_went_back_to_an_earlier_moment() -> None:
    """It counts what it has counted already, which it can't tell in the same way."""
    assert heard(log(1, 2, 3), "4f0c2a91 3 9.07 good\n").told()["repeated"] == [3]


def test_counts_left_out_and_writes_that_failed() -> None:
    """Each is told by its number."""
    told = heard(log(1, 2, 5) + log(6, state="bad")).told()
    assert (told["missing"], told["failed"]) == ([3, 4], [6])


def test_disks() -> None:
    """What was said of a disk stands beside what is read from it, and a write that isn't there is found."""
    text = "disk vda aa aa\ndisk vdb bb b0\nwrote 4f0c2a91 1\nwrote 4f0c2a91 3\nwrote 0b5d77e2 2\n"
    told = disks(text, heard(log(1, 2, 3)))
    assert told == {"said": {"vda": "aa", "vdb": "bb"}, "read": {"vda": "aa", "vdb": "b0"}, "unwritten": [2]}


def test_pings_that_were_lost() -> None:
    """The longest silence is between two answers, or beside the first or the last of them."""
    sent = {number: number / 10 for number in range(11)}
    assert pings.told(sent, [0.0, 0.1, 0.2, 0.8, 0.9, 1.0]) == {
        "sent": 11,
        "lost": 5,
        "gap": 0.6,
        "silent": {"from": 0.2, "until": 0.8},
    }
    assert pings.told(sent, [0.1, 0.2])["silent"] == {"from": 0.2, "until": 1.0}
    assert pings.told(sent, [])["gap"] == 1.0
    assert pings.told({}, [])["gap"] == 0.0


def test_a_ping_s_own_answer() -> None:
    """An answer is known by its mark and its number, and an echo of somebody else's is none."""
    reply = bytes([0x45, *[0] * 19, 0, 0, *pings.packet(77, 1234)[2:]])
    assert (pings.answered(reply, 77), pings.answered(reply, 78)) == (1234, None)
    assert pings.answered(bytes([0x45, *[0] * 19]) + pings.packet(77, 1234), 77) is None


def test_a_checksum() -> None:
    """A packet with its checksum adds up to nothing, as receivers want it."""
    made = pings.packet(0xFFFE, 0xFFFF)
    total = sum(int.from_bytes(made[at : at + 2], "big") for at in range(0, len(made), 2))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


def test_the_host_behind_a_mac() -> None:
    """It is the one whose cable the switch has the MAC behind; what the switch is itself doesn't count."""
    table = [
        {"mac": "0a:00:00:00:00:01", "ifname": "external-12"},
        {"mac": "0a:00:00:00:00:02", "ifname": "external-11", "state": "permanent"},
        {"mac": "0a:00:00:00:00:02", "ifname": "external-10"},
    ]
    assert meter.behind(["0a:00:00:00:00:01"], table) == "compute2"
    assert meter.behind(["0a:00:00:00:00:02"], table) == "controller"
    assert meter.behind([], table) is None
