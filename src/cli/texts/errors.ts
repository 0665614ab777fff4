import type { DataFolder } from '../../domain/data-files.ts'
import { type Language, say, type Text } from './text.ts'

/** Why a command could not do what it was asked. */
export const ERRORS = {
  unexpected: { zh: '出错了：{detail}', en: 'Something went wrong: {detail}' },
  settings: { zh: '设置有误：', en: 'The settings are not right:' },
  settingsHint: {
    zh: '所有设置见 dingdong.example.yaml；当前读取的文件：{file}。',
    en: 'All settings are described in dingdong.example.yaml; the file read was {file}.',
  },
  noFile: { zh: '（无）', en: '(none)' },
  got: { zh: '，收到的是 {got}', en: ', got {got}' },
  didYouMean: { zh: '是否想写 {near}？', en: 'did you mean {near}?' },
  noServer: {
    zh: '{url} 没有应答。请先用 npm start 启动叮咚，或用 --url 指定地址。',
    en: 'Nobody answers at {url}. Start Dingdong with "npm start", or name its address with --url.',
  },
  noData: {
    zh: '{dir} 里没有叮咚的数据，没有创建任何东西。请先用 npm start 在那里启动，或用 DINGDONG_DATA_DIR（或 --data-dir）指定数据所在的目录。',
    en: 'No Dingdong lives in {dir}; nothing was made. Start it there with "npm start", or point DINGDONG_DATA_DIR (or --data-dir) at its folder.',
  },
  shopUnknown: {
    zh: '没有名为“{slug}”的店铺。现有：{known}。',
    en: 'There is no shop "{slug}". There are: {known}.',
  },
  noShop: {
    zh: '还没有店铺。用 dingdong shop create 创建一个。',
    en: 'There is no shop yet. Make one with "dingdong shop create".',
  },
  whichShop: {
    zh: '有多个店铺（{known}），请用 --shop 指定，或设置环境变量 DINGDONG_SHOP。',
    en: 'There are several shops ({known}); name one with --shop, or for all commands with the variable DINGDONG_SHOP.',
  },
  runsAlready: {
    zh: '这套叮咚已在运行：{url}（进程 {pid}，数据在 {dir}）。没有再启动一个。要重新启动，请先停掉它；要再加一个工作进程，请换一个端口（--role worker --port 0）。',
    en: 'This Dingdong runs already: {url} (process {pid}, data in {dir}). Nothing more was started. To start it anew, stop that one first; a further worker beside it needs a port of its own (--role worker --port 0).',
  },
  portBusy: {
    zh: '端口 {port}（{host}）已被其他程序占用。请停掉它，或换一个端口：设置 port（环境变量 DINGDONG_PORT，或 --port）。',
    en: 'Port {port} on {host} is in use by another program. Stop that one, or choose another port: the setting port (DINGDONG_PORT, or --port).',
  },
  keyMissing: {
    zh: '数据已加密，但找不到主密钥：{file}。请把备份的主密钥放回这个位置，或用 masterKeyFile / DINGDONG_MASTER_KEY 指定。没有它，数据无法解密。',
    en: 'The data is sealed, but its master key is not at {file}. Put your copy of it back there, or name its place with masterKeyFile or DINGDONG_MASTER_KEY. Without it the data cannot be read.',
  },
  keyUnwritable: {
    zh: '无法在 {file} 保存主密钥：{detail}。请让该目录可写，或用 masterKeyFile 指定数据目录以外的位置。',
    en: 'The master key could not be kept at {file}: {detail}. Make that folder writable, or name another place outside the data directory with masterKeyFile.',
  },
  needsValue: {
    zh: '“{what}”应为 {expected}，收到的是 {got}。',
    en: '{what}: expected {expected}, got {got}.',
  },
  followedBy: { zh: '{title}：', en: '{title}:' },
  needsLength: {
    zh: '“{what}”应为 1 到 {most} 个字符，收到的是 {got} 个。',
    en: '{what}: expected 1 to {most} characters, got {got}.',
  },
  fileUnreadable: { zh: '无法读取 {file}：{detail}', en: 'The file {file} could not be read: {detail}' },
  notUtf8: {
    zh: '{file} 不是 UTF-8 编码的文本{guess}，没有使用其中任何内容。请在编辑器里另存为 UTF-8（记事本：另存为，编码选 UTF-8）{convert}，再试一次。',
    en: 'The file {file} is not a text in UTF-8{guess}; nothing of it was used. Save it as UTF-8 in your editor (Notepad: Save as, Encoding UTF-8){convert}, then try again.',
  },
  probably: { zh: '，很可能是 {encoding}', en: ', it is probably {encoding}' },
  convert: {
    zh: '，或运行 iconv -f {encoding} -t UTF-8 {file} > 新文件',
    en: ', or run: iconv -f {encoding} -t UTF-8 {file} > NEWFILE',
  },
  standardInput: { zh: '标准输入', en: '(standard input)' },
  slugTaken: { zh: '店铺“{slug}”已存在。', en: 'There is a shop "{slug}" already.' },
  keyUnknown: {
    zh: '没有这个 API 密钥：{id}。用 dingdong key list 查看。',
    en: 'There is no API key {id}. See "dingdong key list".',
  },
  flowUnknown: {
    zh: '没有流程“{flow}”{near} 用 dingdong flow list 查看。',
    en: 'There is no flow "{flow}"{near} See "dingdong flow list".',
  },
  scopeUnknown: {
    zh: '没有权限“{scope}”{near}可用：{known}',
    en: 'There is no permission "{scope}"{near} There are: {known}',
  },
  unknownCommand: {
    zh: '没有命令“{what}”{near}运行 dingdong --help 查看全部命令。',
    en: 'There is no command "{what}"{near} "dingdong --help" lists all.',
  },
  unknownOption: {
    zh: '没有选项 {what}{near}运行 dingdong {command} --help 查看。',
    en: 'There is no option {what}{near} See "dingdong {command} --help".',
  },
  surplus: {
    zh: '“{command}”的参数最多 {most} 个（{names}），收到 {got} 个。含空格的值请加引号。运行 dingdong {command} --help 查看。',
    en: '"{command}" takes {most} at most ({names}), {got} came. A value with blanks goes into quotes. See "dingdong {command} --help".',
  },
  surplusAny: {
    zh: '“{command}”不带参数，收到 {got} 个。运行 dingdong {command} --help 查看。',
    en: '"{command}" takes no arguments, {got} came. See "dingdong {command} --help".',
  },
  missingArgument: {
    zh: '缺少参数：{what}。运行 dingdong {command} --help 查看。',
    en: 'An argument is missing: {what}. See "dingdong {command} --help".',
  },
  blank: {
    zh: '{what} 不能为空。运行 dingdong {command} --help 查看。',
    en: '{what} came without a value. See "dingdong {command} --help".',
  },
  demoOnly: {
    zh: '演示店不存在。它只会在空的安装首次启动时创建（设置 demo: auto）。',
    en: 'There is no demo shop. It is made when an installation without shops starts (setting demo: auto).',
  },
} as const satisfies Record<string, Text>

const NEAR = { zh: '，是否想写 {near}？', en: '; did you mean {near}?' }
const NO_NEAR = { zh: '。', en: '.' }

/** What stands for `{near}` in a sentence about an unknown name: the name meant, or a full stop where none is near. */
export function nearText(near: string | null, language: Language): string {
  return near === null ? say(NO_NEAR, language) : say(NEAR, language, { near })
}

/** Why the database of DATABASE_URL cannot be used, and what to check. */
export const UNREACHABLE = {
  head: {
    zh: '{from} 指定的数据库（{host}:{port}）无法使用：{advice}',
    en: 'The database that {from} names ({host}:{port}) cannot be used: {advice}',
  },
  refused: {
    zh: '那里没有程序在监听。请检查 PostgreSQL 是否在运行、地址和端口是否正确；数据库在另一台机器上时，还要看它的 listen_addresses 和防火墙。',
    en: 'nothing listens there. Is PostgreSQL running, and are host and port right? If it is on another machine, look at its listen_addresses and the firewall, too.',
  },
  unknownHost: {
    zh: '无法解析主机名 {host}。请检查拼写和本机的域名解析。',
    en: 'the name {host} cannot be looked up. Check its spelling, and this machine’s DNS.',
  },
  noAnswer: {
    zh: '没有应答。请检查地址是否正确，以及防火墙是否允许本机访问端口 {port}。',
    en: 'there is no answer. Check the address, and whether a firewall keeps this machine from port {port}.',
  },
  password: {
    zh: '用户 {user} 的密码不对，或没有这个用户。请核对其中的用户名和密码（密码里的特殊字符要写成 %40 这样的形式）。',
    en: 'the password of {user} is wrong, or there is no such user. Check both in the address (special characters of a password are written like %40).',
  },
  notAllowed: {
    zh: '服务器不允许用户 {user} 从本机登录数据库 {database}。请检查用户名，以及服务器的 pg_hba.conf。（{detail}）',
    en: 'the server does not let {user} into {database} from this machine. Check the user’s name, and pg_hba.conf on the server. ({detail})',
  },
  noDatabase: {
    zh: '服务器上没有数据库 {database}。请核对名称，或创建它：create database "{database}" encoding UTF8 template template0',
    en: 'the server has no database {database}. Check the name, or make it: create database "{database}" encoding UTF8 template template0',
  },
  full: {
    zh: '服务器的连接已用完。请调大它的 max_connections，或调小 poolSize。',
    en: 'the server has no connection left. Raise its max_connections, or lower poolSize.',
  },
  tls: {
    zh: '加密连接没有建立（{detail}）。服务器不支持加密时，在地址后加 ?sslmode=disable；证书由自己的机构签发时，加 ?sslrootcert=证书文件。',
    en: 'no encrypted connection could be made ({detail}). If the server has no TLS, add ?sslmode=disable to the address; if its certificate is of an authority of your own, ?sslrootcert=FILE.',
  },
  other: { zh: '{detail}', en: '{detail}' },
} as const satisfies Record<string, Text>

/** Of the program's own files of data, by folder. */
export const DATA_FILES = {
  law: {
    zh: '规则文件有误，没有启动任何东西：\n{detail}',
    en: 'The law files have mistakes; nothing was started:\n{detail}',
  },
  rails: {
    zh: '失败代码表有误，没有启动任何东西：\n{detail}',
    en: 'The tables of failure codes have mistakes; nothing was started:\n{detail}',
  },
  rules: {
    zh: '审核规则文件有误，没有启动任何东西：\n{detail}',
    en: 'The files of review rules have mistakes; nothing was started:\n{detail}',
  },
  flows: {
    zh: '流程文件有误，没有启动或开设任何东西：\n{detail}',
    en: 'The flow files have mistakes; nothing was started or opened:\n{detail}',
  },
  templates: {
    zh: '模板文件有误，没有启动或开设任何东西：\n{detail}',
    en: 'The template files have mistakes; nothing was started or opened:\n{detail}',
  },
} as const satisfies Record<DataFolder, Text>

/** Why a file cannot be read, by the code of the system. */
export const FILE_TROUBLES: Readonly<Record<string, Text>> = {
  ENOENT: { zh: '没有这个文件', en: 'there is no such file' },
  ENOTDIR: { zh: '路径中有一段不是目录', en: 'a part of its path is no folder' },
  EISDIR: { zh: '这是一个目录', en: 'it is a folder' },
  EACCES: { zh: '当前用户无权读取', en: 'this user may not read it' },
  EPERM: { zh: '当前用户无权读取', en: 'this user may not read it' },
  ENAMETOOLONG: { zh: '名称太长', en: 'its name is too long' },
}
