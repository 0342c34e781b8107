"""Compares files of MARC records before and after a run, with pymarc and with a reader of directories that is written here.

compare_records.py BEFORE.mrc AFTER.mrc PROCESS
compare_records.py --same A.mrc|A.xml B.mrc|B.xml

Prints a line of JSON; ends with 1 where a field that a person made is not what it was, or pymarc cannot read a record.
"""

import json
import re
import sys

from pymarc import MARCReader, parse_xml_to_array


def raw_records(path):
    """Leader, and tag with bytes of each field, by the directory."""
    data = open(path, "rb").read()
    for raw in data.split(b"\x1d"):
        if not raw:
            continue
        base = int(raw[12:17])
        entries = raw[24 : base - 1]
        fields = []
        for i in range(0, len(entries), 12):
            tag = entries[i : i + 3].decode()
            length = int(entries[i + 3 : i + 7])
            start = base + int(entries[i + 7 : i + 12])
            fields.append((tag, raw[start : start + length]))
        yield int(raw[:5]), len(raw) + 1, raw[5:12] + raw[17:24], fields


LINK = re.compile(rb"\x1f8(\d+)\\p")


def by_people(fields, process):
    """Fields that are not linked with an 883 of the process."""
    own = set()
    for tag, data in fields:
        if tag == "883" and data.startswith(b"0") and b"\x1fa" + process in data:
            own.update(LINK.findall(data))
    return [field for field in fields if not own.intersection(LINK.findall(field[1]))]


def read(path):
    if path.endswith(".xml"):
        return parse_xml_to_array(path)
    with open(path, "rb") as file:
        records = []
        for record in MARCReader(file):
            if record is None:
                raise ValueError("pymarc cannot read a record")
            records.append(record)
        return records


def shape(record):
    return [
        (f.tag, f.data) if f.is_control_field() else (f.tag, tuple(f.indicators), tuple((s.code, s.value) for s in f.subfields))
        for f in record.fields
    ]


def same(a, b):
    left, right = read(a), read(b)
    differ = sum(shape(x) != shape(y) for x, y in zip(left, right))
    print(json.dumps({"records": [len(left), len(right)], "differ": differ}))
    return len(left) == len(right) and differ == 0


def changed(before, after, process):
    n = n_changed = n_fields = n_headings = n_lengths = 0
    for old, new in zip(raw_records(before), raw_records(after), strict=True):
        n += 1
        people = by_people(new[3], process)
        n_fields += len(people)
        n_headings += sum(tag != "883" for tag, _ in new[3]) - sum(tag != "883" for tag, _ in people)
        n_changed += people != old[3] or old[2] != new[2]
        n_lengths += new[0] != new[1]
    with open(after, "rb") as file:
        reader = MARCReader(file, to_unicode=True, force_utf8=False)
        n_read = n_unreadable = 0
        for record in reader:
            if record is None:
                n_unreadable += 1
                continue
            n_read += 1
    result = {
        "records": n,
        "fieldsOfPeople": n_fields,
        "recordsWithAChangedField": n_changed,
        "headings": n_headings,
        "wrongLengths": n_lengths,
        "readByPymarc": n_read,
        "unreadable": n_unreadable,
    }
    print(json.dumps(result))
    return n_changed == 0 and n_unreadable == 0 and n_lengths == 0 and n_read == n


if sys.argv[1] == "--same":
    sys.exit(0 if same(sys.argv[2], sys.argv[3]) else 1)
sys.exit(0 if changed(sys.argv[1], sys.argv[2], sys.argv[3].encode()) else 1)
