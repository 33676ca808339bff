import pytest

from hemostat.errors import UsageError
from hemostat.report.view import FindingView, ReportView, rule_labels
from hemostat.rules import categories


def test_a_view_lacking_something_says_what():
    with pytest.raises(UsageError, match="rules_hash"):
        ReportView.from_dict(
            {"case_id": "x", "version": "1", "labels": [], "generated_at": "", "summary": {}}
        )
    with pytest.raises(UsageError, match="FindingView lacks category"):
        FindingView.from_dict({"evidence": "e", "place": "p", "values": 1})


def test_unknown_keys_are_left_out():
    assert FindingView.from_dict(
        {"evidence": "e", "place": "p", "category": "nir", "values": 1, "run_id": 4}
    ) == FindingView("e", "p", "nir", 1)


def test_labels_are_those_of_the_rules():
    labels = rule_labels()
    assert list(labels) == [str(rule.id) for rule in categories()]
    assert labels["remark_violence"].sensitive
    assert not labels["remark_violence"].article9
    assert not labels["nir"].sensitive
