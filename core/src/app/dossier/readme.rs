//! The folder's README in both languages: what is there, and commands that need only `sha256sum` and `openssl`.

use std::path::Path;

use super::report::Report;
use crate::app::error::AppError;

/// The commands, the same in both languages. A test runs them from the README.
const COMMANDS: &str = include_str!("commands.sh");

/// Writes both.
pub(super) fn write(dir: &Path, report: &Report) -> Result<(), AppError> {
    let tally = report.tally();
    let counts = format!("{} / {} / {}", tally.pass, tally.fail, tally.absent);
    std::fs::write(dir.join("README.zh.md"), filled(ZH, &counts))?;
    std::fs::write(dir.join("README.en.md"), filled(EN, &counts))?;
    Ok(())
}

fn filled(text: &str, counts: &str) -> String {
    text.replace("{counts}", counts).replace("{commands}", COMMANDS)
}

const ZH: &str = "\
# 照片证据

本文件夹含一宗事项的照片及其全部证明。任何人用 `sha256sum` 和 `openssl` 即可核验,无需本系统的任何软件。
不愿敲命令的,可打开 `view.html`。导出时的核验结果(通过 / 不符 / 缺失):{counts}。

| 文件 | 内容 |
|---|---|
| `entries/NNNN/` | 采集手机证据链上的一条记录,按先后编号 |
| `manifest.json` | 记录原文(RFC 8785 规范化 JSON),签名即对这些字节 |
| `manifest.sig`, `device.spki.pem` | 手机密钥的签名(ES256,DER)与公钥;`enrol/` 为密钥库的证书 |
| `photo.*` | 照片原始字节 |
| `leaf.json`, `inclusion/`, `checkpoint.txt` | 平台日志中的叶、通往树头的兄弟哈希、平台签名的树头(RFC 6962) |
| `checkpoint.tsr` | 可信时间戳(RFC 3161);没有即为缺失 |
| `stored/` | 平台自行计算照片摘要后写入日志的叶 |
| `derived/` | 由照片生成的文件(缩略图、上传副本、遮挡副本),以摘要命名;生成记录在已签名的条目中 |
| `photo.c2pa.jpg` | 平台另行签发的内容凭证副本(C2PA),如有,可用 `c2patool` 查看;原件不变 |
| `SHA256SUMS` | 摘要清单,`sha256sum -c SHA256SUMS` |
| `receipt.json`, `custody.json`, `case.json` | 供阅读:回执、保管记录、各链的起止 |
| `log.pem`, `tsa.pem` | 平台日志公钥、时间戳机构证书。**请与区级平台公布的比对**:仅凭本文件夹无法证明它们的归属 |

为使链条连续,首末两条之间属于其他事项的记录也在其中,但不含其照片。链条首条之前、末条之后是否还有记录,本文件夹不能证明。

## 核验

在本文件夹内运行。`OK` 为相符,`FAILED` 为不符,`ABSENT` 为缺失;`BREAK` 表示该条之前的记录不在本文件夹,首条之外出现即为中断。
时间戳证书过期后,请在 `openssl ts -verify` 后加 `-no_check_time`。

```sh
{commands}```
";

const EN: &str = "\
# Photo evidence

This folder holds the photos of one case with everything that speaks for them. Anyone can check it with `sha256sum` and `openssl`;
no software of ours is needed. Who would rather look opens `view.html`. At export (pass / fail / absent): {counts}.

| file | what |
|---|---|
| `entries/NNNN/` | one entry of the phone's evidence chain, numbered in order |
| `manifest.json` | the entry's exact text (canonical JSON, RFC 8785): these bytes are signed |
| `manifest.sig`, `device.spki.pem` | signature of the phone's key (ES256, DER) and its public key; `enrol/` has the key store's certificates |
| `photo.*` | the photo's original bytes |
| `leaf.json`, `inclusion/`, `checkpoint.txt` | the leaf in the platform's log, the siblings up to the head, the head as the platform signed it (RFC 6962) |
| `checkpoint.tsr` | the time-stamp of an authority (RFC 3161); without it there is none |
| `stored/` | the leaf that the platform wrote when it had hashed the photo itself |
| `derived/` | files made of the photos (thumbnails, upload copies, redactions), named by digest; signed entries record how they were made |
| `photo.c2pa.jpg` | if there: a copy with Content Credentials (C2PA) that the platform has signed, for `c2patool`; the original stays |
| `SHA256SUMS` | the digests, for `sha256sum -c SHA256SUMS` |
| `receipt.json`, `custody.json`, `case.json` | for reading: receipt, custody log, first and last place of each chain |
| `log.pem`, `tsa.pem` | key of the platform's log, certificates of the authority. **Compare them with those that the district publishes**: this folder alone cannot prove whose they are |

To keep the chain whole, entries of other cases between the first and the last are here too, without their photos. Whether there are entries
before the first and after the last, this folder cannot prove.

## Check

Run inside this folder. `OK` fits, `FAILED` does not, `ABSENT` is not there; `BREAK` means that what came before is not in this folder:
anywhere but at the first entry the chain is broken. Once the authority's certificate has expired, add `-no_check_time` to
`openssl ts -verify`.

```sh
{commands}```
";
