import type { PgErrorCode } from '../../db/postgres/errors.ts'

/** The faults of src/db/postgres/errors.ts in Chinese; the English ones are there. */
export const PG_TEXTS: Readonly<Record<PgErrorCode, string>> = {
  SCHEMA_NEWER:
    '数据库含有迁移 {number}（{name}），当前版本的叮咚不认识，无法一起工作。请使用包含它的版本，或恢复此前的备份。',
  SCHEMA_CHANGED:
    '迁移 {file} 执行后内容被改动（当时 {applied}，现在 {found}）。已执行的迁移不可修改：请还原文件，把改动写入新的迁移。',
  SCHEMA_ORDER: '迁移 {file} 从未执行，但编号更大的 {latest} 已执行。请给它一个大于 {latest} 的编号。',
  SCHEMA_FILE:
    '迁移目录 {dir} 中的文件 {file} 有问题：{problem}。文件名应形如 0001_spine.sql，编号不可重复。',
  SCHEMA_FAILED: '迁移 {file} 失败，未作任何改动：{detail}',
  SCHEMA_PENDING: '数据库缺少迁移 {files}。请运行 dingdong migrate，或用会自动迁移的角色启动。',
  SERVER_TOO_OLD:
    '数据库服务器是 PostgreSQL {found}，需要 15 或更新版本。请升级，或去掉 DATABASE_URL 使用内置数据库。',
  SERVER_ENCODING:
    '数据库“{database}”的编码是 {found}，需要 UTF8。创建方法：create database {database} encoding UTF8 template template0',
  NO_BINARIES:
    '没有适用于 {platform} 的内置 PostgreSQL（npm 包：{name}）。请运行 npm ci（不要加 --omit=optional），或把 DATABASE_URL 设为 PostgreSQL 15 以上的数据库。',
  LIBRARIES_MISSING:
    '内置 PostgreSQL 缺少库文件 {file}，且目录不可写。请用安装时的用户运行 npm rebuild，或设置 DATABASE_URL。',
  ROOT_WITHOUT_USER:
    'PostgreSQL 不能以 root 运行，也找不到可用的其他用户（postgres、dingdong、nobody）。请创建一个（useradd --system dingdong），或以普通用户启动叮咚。',
  PATH_CLOSED:
    '当前是 root，PostgreSQL 会以用户 {uid} 运行，但该用户无法穿过目录 {dir} 到达 {target}。请把叮咚和数据移到别处（如 /opt/dingdong），或放行（chmod o+x {dir}），或以普通用户启动，或设置 DATABASE_URL。',
  DATA_DIR_UNWRITABLE: '数据目录 {dir} 无法写入：{detail}。请把它交给运行叮咚的用户，或换一个目录。',
  DATA_DIR_FOREIGN: '目录 {dir} 不是空的，也不是叮咚的数据目录（发现：{found}）。请指定空目录或新目录。',
  DATA_DIR_OF_OTHER_MAJOR:
    '{dir} 中的数据来自 PostgreSQL {found}，当前叮咚自带 PostgreSQL {wanted}，无法读取。请先用原来的版本运行 dingdong backup FILE，再用当前版本和新的数据目录运行 dingdong restore FILE。',
  DATA_DIR_PASSWORD: '{file} 中的密码打不开该目录的数据库：{detail}。请从目录的副本中放回此文件。',
  DISK_FULL: '{dir} 所在磁盘已满（{detail}）。请腾出空间，叮咚会自动继续。',
  ALREADY_RUNNING:
    '另一个叮咚（其 PostgreSQL 进程号 {pid}）正在使用 {dir}。请先停掉它，或换数据目录；同机增加进程请用 --role worker 或 --role api。',
  NOT_RUNNING: '{dir} 上没有运行中的叮咚，无法连接数据库。请用 dingdong start 启动，或设置 DATABASE_URL。',
  JOIN_REFUSED: '{dir} 中的数据库在运行，但无法连接：{detail}。请用启动它的用户连接。',
  START_FAILED: 'PostgreSQL 未能在 {dir} 启动：{detail}。日志：{log}。',
  START_TOO_SLOW:
    '{dir} 中的 PostgreSQL 在 {seconds} 秒内未就绪，最后输出：{detail}。崩溃后可能正在恢复，请稍等再启动。日志：{log}。',
  STOPPED: '{dir} 中的 PostgreSQL 已断开，正在重新启动（{detail}）。',
  BACKUP_EXISTS: '文件 {file} 已存在；备份不会覆盖文件，请换一个文件名。',
  BACKUP_UNWRITABLE: '无法写入备份 {file}：{detail}。没有留下任何文件。',
  BACKUP_UNREADABLE: '无法读取备份 {file}：{detail}。',
  BACKUP_FOREIGN: '{file} 不是叮咚的备份。',
  BACKUP_NEWER: '备份 {file} 的格式是 {found}，当前叮咚支持 {known}。请用生成它的版本或更新的版本恢复。',
  BACKUP_PASSPHRASE_NEEDED: '备份 {file} 已加密，请用 --passphrase-file 指定存放口令的文件。',
  BACKUP_PASSPHRASE_EMPTY: '口令文件 {file} 的第一行是空的。请把备份口令写在第一行；未作任何操作。',
  BACKUP_PASSPHRASE_WRONG: '口令打不开备份 {file}。未作任何改动。',
  BACKUP_CORRUPT: '备份已损坏或不完整（{detail}）。未作任何改动，请换一份备份。',
  RESTORE_NOT_EMPTY: '数据库不是空的（{tables} 中有数据），因此没有恢复。请恢复到新的数据库或新的数据目录。',
  RESTORE_OTHER_SCHEMA:
    '数据库结构是 {found}，备份的是 {wanted}。请恢复到空白数据库：会先建立备份的结构，再执行更新的迁移。',
  RESTORE_SCHEMA_UNKNOWN: '备份含有迁移 {file}，当前叮咚没有或内容不同。请用生成它的版本或更新的版本恢复。',
}
