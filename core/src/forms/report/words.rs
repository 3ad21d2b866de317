//! The fixed words of a report in both languages.

use super::{Mark, ReportLanguage};

/// Words by place.
pub(super) struct Words {
    pub(super) lang: &'static str,
    pub(super) report: &'static str,
    pub(super) number: &'static str,
    pub(super) form: &'static str,
    pub(super) passed: &'static str,
    pub(super) failed: &'static str,
    pub(super) score: &'static str,
    pub(super) item: &'static str,
    pub(super) question: &'static str,
    pub(super) answer: &'static str,
    pub(super) mark: &'static str,
    pub(super) hazards: &'static str,
    pub(super) no_hazards: &'static str,
    pub(super) outcome: &'static str,
    pub(super) due: &'static str,
    pub(super) severity: &'static str,
    pub(super) signatures: &'static str,
    pub(super) corrections: &'static str,
    good: &'static str,
    not_applicable: &'static str,
    severities: [&'static str; 4],
}

const CHINESE: Words = Words {
    lang: "zh-Hans",
    report: "检查记录",
    number: "编号",
    form: "检查表版本",
    passed: "未发现隐患,合格",
    failed: "存在隐患,不合格",
    score: "得分",
    item: "序号",
    question: "检查内容",
    answer: "检查情况",
    mark: "结论",
    hazards: "隐患",
    no_hazards: "未发现隐患。",
    outcome: "处置",
    due: "整改期限",
    severity: "等级",
    signatures: "签字",
    corrections: "更正",
    good: "符合",
    not_applicable: "不适用",
    severities: ["提示", "一般隐患", "重大隐患(疑似)", "特别重大(疑似)"],
};

const ENGLISH: Words = Words {
    lang: "en",
    report: "Inspection report",
    number: "Number",
    form: "Version of the checklist",
    passed: "Passed, no hazard",
    failed: "Not passed, hazards found",
    score: "Score",
    item: "No.",
    question: "Item",
    answer: "Finding",
    mark: "Judgement",
    hazards: "Hazards",
    no_hazards: "No hazard was found.",
    outcome: "What follows",
    due: "To be put right by",
    severity: "Severity",
    signatures: "Signatures",
    corrections: "Corrections",
    good: "in order",
    not_applicable: "not applicable",
    severities: [
        "advice",
        "ordinary hazard",
        "major hazard (suspected)",
        "grave hazard (suspected)",
    ],
};

impl Words {
    pub(super) fn of(language: ReportLanguage) -> &'static Self {
        match language {
            ReportLanguage::Chinese => &CHINESE,
            ReportLanguage::English => &ENGLISH,
        }
    }

    pub(super) fn severity_name(&self, severity: u8) -> &'static str {
        let at = usize::from(severity.clamp(1, 4)) - 1;
        self.severities.get(at).copied().unwrap_or_default()
    }

    pub(super) fn mark_name(&self, mark: Mark) -> &'static str {
        match mark {
            Mark::None => "",
            Mark::Good => self.good,
            Mark::NotApplicable => self.not_applicable,
            Mark::Hazard(severity) => self.severity_name(severity),
        }
    }
}
