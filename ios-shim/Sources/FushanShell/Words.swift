import FushanShim

/// The shell's own words, Chinese first. Texts of the engine (errors, categories, fields, questions) come from it in both languages.
public enum Words: String, CaseIterable, Sendable {
    case today, report, inspect, registry, conflicts, sync
    case nothingToday, overdue, dueToday, recheck, metres, refresh
    case category, recent, title, description, photoNear, photoFar, photoAfter, submit, selfClose, result, saved, categoryFirst
    case begin, drafts, hazard, fixed, missing, finish, yes, no
    case search, nothingFound, showPersonal, edit, save
    case mine, theirs, before, keepMine, keepTheirs, noConflicts, step, chooseFirst
    case allSent, waiting, refused, photosWaiting, lastRun, syncNow, stop, offline, neverSynced
    case leftPhotos, signingLost, signAgain
    case lockedKeyLost, lockedKeyWrong, lockedNotYet, lockedLease, lockedWiped, lockedOther

    /// The text in a language; Chinese for every language but English.
    public func text(_ language: String) -> String { language.hasPrefix("en") ? pair.en : pair.zh }

    private var pair: (zh: String, en: String) {
        switch self {
        case .today: ("今日", "Today")
        case .report: ("上报", "Report")
        case .inspect: ("检查", "Inspect")
        case .registry: ("台账", "Registry")
        case .conflicts: ("冲突", "Conflicts")
        case .sync: ("同步", "Sync")
        case .nothingToday: ("今天没有到期的走访", "No visit is due today")
        case .overdue: ("已超期", "Overdue")
        case .dueToday: ("今天到期", "Due today")
        case .recheck: ("待复查", "To recheck")
        case .metres: ("米", "m")
        case .refresh: ("刷新", "Refresh")
        case .category: ("类别", "Category")
        case .recent: ("最近使用", "Used recently")
        case .title: ("标题", "Title")
        case .description: ("情况描述", "What was seen")
        case .photoNear: ("近景照片", "Close photo")
        case .photoFar: ("远景照片", "Wide photo")
        case .photoAfter: ("处置后照片", "Photo after")
        case .submit: ("上报", "Submit")
        case .selfClose: ("当场办结", "Close on the spot")
        case .result: ("处置结果", "Result")
        case .saved: ("已保存在手机上", "Saved on this phone")
        case .categoryFirst: ("请先选择类别", "Please choose a category first")
        case .step: ("办理步骤", "The step")
        case .chooseFirst: ("每一项都要选择", "Please choose for each field")
        case .begin: ("开始检查", "Begin")
        case .drafts: ("未完成", "Drafts")
        case .hazard: ("隐患", "Hazard")
        case .fixed: ("当场整改", "Put right on the spot")
        case .missing: ("还缺", "Missing")
        case .finish: ("完成检查", "Finish")
        case .yes: ("是", "Yes")
        case .no: ("否", "No")
        case .search: ("姓名、拼音首字母、地址、尾号", "Name, initials, address, last digits")
        case .nothingFound: ("没有找到", "Nothing found")
        case .showPersonal: ("显示完整信息", "Show personal data")
        case .edit: ("修改", "Edit")
        case .save: ("保存", "Save")
        case .mine: ("我填的", "What I wrote")
        case .theirs: ("平台现有", "What the platform has")
        case .before: ("原来", "Before")
        case .keepMine: ("用我的", "Take mine")
        case .keepTheirs: ("用平台的", "Take the platform's")
        case .noConflicts: ("没有需要处理的冲突", "No conflict waits")
        case .allSent: ("全部已上传", "Everything has been sent")
        case .waiting: ("条待上传", "waiting")
        case .refused: ("条被退回，请处理", "refused, please look")
        case .photosWaiting: ("张照片待上传", "photos waiting")
        case .lastRun: ("上次同步", "Last sync")
        case .syncNow: ("立即同步", "Sync now")
        case .stop: ("停止", "Stop")
        case .offline: ("没有信号，已保存，有信号后自动上传", "No signal: saved, and sent when there is one")
        case .neverSynced: ("尚未同步过", "Never synced")
        case .leftPhotos: ("张照片上次未存入", "photos were left by the last start")
        case .signingLost: ("签名密钥已丢失，新照片未签名", "The signing key is gone: new photos are unsigned")
        case .signAgain: ("启用新的签名密钥", "Use a new signing key")
        case .lockedKeyLost: ("手机密钥已丢失，数据无法打开，请联系区级管理员", "The phone's key is gone. Please call the district.")
        case .lockedKeyWrong: ("手机密钥不符，请联系区级管理员", "The phone has another key. Please call the district.")
        case .lockedNotYet: ("请先解锁手机", "Please unlock the phone first")
        case .lockedLease: ("离线时间过长，请输入区级授权码", "Too long without the platform: please type a code of the district")
        case .lockedWiped: ("本机数据已被远程清除", "This phone was wiped by the district")
        case .lockedOther: ("暂时无法打开", "Cannot be opened now")
        }
    }
}

/// Texts of errors.
public enum ErrorText {
    /// What to tell the worker of any error.
    public static func of(_ error: any Error, _ language: String) -> String {
        guard let told = (error as? GridError)?.told else { return Words.lockedOther.text(language) }
        let english = language.hasPrefix("en")
        let detail = english ? told.detailEn : told.detailZh
        let next = english ? told.nextEn : told.nextZh
        return [english ? told.en : told.zh, detail ?? "", next].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
