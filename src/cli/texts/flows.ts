import type { Text } from './text.ts'

export const FLOWS = {
  list: { zh: '列出流程', en: 'list flows' },
  kill: {
    zh: '紧急停发：某个流程、整个店铺或全部',
    en: 'stop sending at once: a flow, a whole shop, or everything',
  },
  unkill: { zh: '解除停发', en: 'let it send again' },
  flow: { zh: '流程键名，见 flow list', en: 'key of the flow, see flow list' },
  wholeShop: { zh: '整个店铺', en: 'the whole shop' },
  everything: { zh: '所有店铺', en: 'every shop' },
  done: {
    zh: '{what}：已停发。等待中的消息会丢弃并说明原因。',
    en: '{what}: stopped. Waiting messages are dropped, with that reason.',
  },
  undone: { zh: '{what}：恢复发送。', en: '{what}: may send again.' },
  need: {
    zh: '请在流程、--whole-shop 和 --everything 中只指定一个；没有任何改变。',
    en: 'Name a flow, or say --whole-shop or --everything: one of them, and no other. Nothing was changed.',
  },
  everyShopOrOne: {
    zh: '--everything 指所有店铺；只停一个店铺请用 --whole-shop --shop。没有任何改变。',
    en: '--everything means every shop; for one of them say --whole-shop --shop. Nothing was changed.',
  },
  everythingName: { zh: '全部店铺', en: 'Every shop' },
  allStopped: {
    zh: '全部店铺已停发：到期的消息都会被丢弃。恢复发送：dingdong flow unkill --everything',
    en: 'Everything is stopped: every message that comes due is dropped. To send again: dingdong flow unkill --everything',
  },
  shopStopped: {
    zh: '店铺“{shop}”已停发：到期的消息都会被丢弃。恢复发送：dingdong flow unkill --whole-shop --shop {shop}',
    en: 'The shop "{shop}" is stopped: every message of it that comes due is dropped. To send again: dingdong flow unkill --whole-shop --shop {shop}',
  },
  flowsStopped: {
    zh: '已停发的流程：{flows}，它们到期的消息都会被丢弃。恢复发送：dingdong flow unkill {flow} --shop {shop}',
    en: 'Stopped flows: {flows}; their messages are dropped as they come due. To send again: dingdong flow unkill {flow} --shop {shop}',
  },
  sendsAgain: { zh: '停发已解除，恢复发送。', en: 'The kill switch is off again: messages may go.' },
  on: { zh: '启用', en: 'on' },
  off: { zh: '停用', en: 'off' },
  killed: { zh: '已停发', en: 'stopped' },
  show: {
    zh: '查看流程：参数、对照组、步骤（--yaml 输出可编辑的文件）',
    en: 'show a flow: parameters, holdout, steps; with --yaml as a file to edit',
  },
  set: {
    zh: '修改流程的参数、对照组或全部内容，或恢复旧版本；进行中的流程按原版本走完',
    en: 'change a flow’s parameters, holdout or whole text, or bring an earlier version back; runs under way keep theirs',
  },
  add: {
    zh: '把店铺还没有的预设流程及其模板加进来（默认停用）',
    en: 'give a shop the preset flows it lacks, switched off, with their templates; changes nothing that is there',
  },
  switchOn: { zh: '启用流程', en: 'switch a flow on' },
  switchOff: {
    zh: '停用流程：不再开始新的，进行中的继续',
    en: 'switch a flow off: it starts no new runs; those under way go on',
  },
  keys: { zh: '只加这些流程（默认：缺少的全部）', en: 'only these (default: all that are missing)' },
  addOn: { zh: '立即启用', en: 'switch them on at once' },
  values: {
    zh: '参数=值，如 first=30m、sms_from=300（店铺货币）、sms_from.USD=40；sms_from.USD=none 表示该货币不发短信',
    en: 'name=value, e.g. first=30m, sms_from=300 (in the shop’s currency), sms_from.USD=40; sms_from.USD=none sends no SMS in it',
  },
  holdout: {
    zh: '对照组百分比：这部分人收不到提醒和促销，用来衡量效果（0–50）',
    en: 'percent of people kept without reminders and promotions, to measure them (0 to 50)',
  },
  file: {
    zh: '整个流程的 YAML 文件（- 为标准输入）',
    en: 'YAML file with the whole flow, - for standard input',
  },
  version: { zh: '恢复到这个版本的内容', en: 'take this version’s text' },
  yaml: { zh: '输出 YAML，可编辑后交给 flow set --file', en: 'as YAML, to edit and give to flow set --file' },
  nothing: {
    zh: '没有要改的内容：请给出 参数=值、--holdout、--file 或 --version-of。',
    en: 'Nothing to change: give name=value, --holdout, --file or --version-of.',
  },
  fileOrVersion: {
    zh: '--file 和 --version-of 只能给一个。',
    en: 'Give --file or --version-of, not both.',
  },
  invalid: { zh: '流程没有改变，因为：', en: 'The flow was not changed, because:' },
  changed: {
    zh: '{flow}：第 {version} 版。进行中的流程按原版本走完。',
    en: '{flow}: version {version}. Runs under way finish on theirs.',
  },
  added: { zh: '已加入流程（{state}）：{flows}', en: 'Flows added ({state}): {flows}' },
  addedTemplates: { zh: '已加入模板：{templates}', en: 'Templates added: {templates}' },
  noneAdded: { zh: '没有缺少的流程。', en: 'No flow is missing.' },
  there: { zh: '已有，保持原样：{flows}', en: 'Already there, left as they are: {flows}' },
  starts: { zh: '由 {events} 开始', en: 'starts on {events}' },
  held: { zh: '对照组 {percent}%', en: 'holdout {percent} %' },
} as const satisfies Record<string, Text>

export const TEMPLATES = {
  show: {
    zh: '输出模板文件，与作者所写一致，可编辑后交给 template set；加 --locale 或 --channel 只看那些文字',
    en: 'write a template’s file as its author wrote it, to edit and give to template set; with --locale or --channel only those words',
  },
  set: {
    zh: '发布模板文件（格式同 flows/templates），按店铺每个短信账号的规则检查',
    en: 'publish a template file as in flows/templates, under the rules of each of the shop’s SMS accounts',
  },
  key: { zh: '模板名，如 order_paid', en: 'name of the template such as order_paid' },
  fileOrKey: {
    zh: '模板文件，文件名就是模板名；或先写模板名',
    en: 'the file, whose name is the template’s; or the template’s name, and then',
  },
  file: { zh: '它的文件（- 为标准输入）', en: 'its file, - for standard input' },
  locale: { zh: '只看这个语言，如 zh-CN', en: 'only this language, e.g. zh-CN' },
  channel: {
    zh: '只看这个渠道：email、sms、inbox、webhook',
    en: 'only this channel: email, sms, inbox or webhook',
  },
  unknown: { zh: '店铺没有模板“{name}”{near}', en: 'The shop has no template "{name}"{near}' },
  noVariant: { zh: '没有这样的文字；现有：{known}。', en: 'It has no such words; there are: {known}.' },
  unused: {
    zh: '注意：“{name}”是一个新模板，没有任何流程使用它{near}要让流程使用它，请在步骤里写 template: {name}。',
    en: 'Mind: "{name}" is a new template, and no flow uses it{near} For a flow to speak with it, write template: {name} in a step.',
  },
  badName: {
    zh: '文件名应为 模板名.yaml，模板名用小写字母、数字和下划线（layout 除外）；实际为 {file}。也可以先写模板名：template set 模板名 文件。',
    en: 'Expected a file called <template>.yaml, of small letters, digits and _, and not layout; got {file}. Or name the template first: template set NAME FILE.',
  },
  invalid: { zh: '模板没有改变，因为：', en: 'The template was not changed, because:' },
  changed: {
    zh: '{name}：第 {version} 版，{count} 份文字。',
    en: '{name}: version {version}, {count} variants.',
  },
  same: {
    zh: '{name}：与现在的第 {version} 版完全相同，没有改变。',
    en: '{name}: version {version} says exactly this; nothing was changed.',
  },
  noSource: {
    zh: '这一版发布时还没有保存作者写的文件；以下是编译后的文字，不能交给 template set。',
    en: 'The author’s file of this version was not kept; these are its compiled words, which template set does not take.',
  },
  kept: {
    zh: '账号“{account}”不会发送：{texts}（{because}）',
    en: 'The account “{account}” will never carry: {texts} ({because})',
  },
  gone: { zh: '文件里没有，因此不再使用：{variants}', en: 'Not in the file, so no longer there: {variants}' },
} as const satisfies Record<string, Text>

/** What flows, templates and rules have in common: versions. */
export const VERSIONS = {
  flowHistory: { zh: '列出流程的各个版本', en: 'list a flow’s versions' },
  ruleHistory: { zh: '列出规则的各个版本', en: 'list a rule’s versions' },
  templateHistory: { zh: '列出模板的各个版本', en: 'list a template’s versions' },
  flowUndo: {
    zh: '恢复流程的上一版内容（作为新版本）；再撤销一次就回到撤销之前',
    en: 'bring a flow’s text before this one back, as a new version; a second undo undoes the first',
  },
  templateUndo: {
    zh: '恢复模板的上一版文字（作为新版本）；再撤销一次就回到撤销之前',
    en: 'bring a template’s words before these back, as a new version; a second undo undoes the first',
  },
  ruleUndo: {
    zh: '恢复规则的上一版内容（作为新版本）；再撤销一次就回到撤销之前',
    en: 'bring a rule’s text before this one back, as a new version; a second undo undoes the first',
  },
  to: { zh: '恢复到这个版本的内容', en: 'bring back what this version says' },
  of: { zh: '查看这个版本（默认：现在的）', en: 'this version (default: the one in force)' },
  unknown: {
    zh: '“{key}”没有第 {version} 版；现在是第 {current} 版。',
    en: '"{key}" has no version {version}; it is at version {current}.',
  },
  nothingBefore: {
    zh: '“{key}”没有更早的不同内容可以恢复；各版本见 history。',
    en: '"{key}" has never said anything else, so there is nothing to bring back; see history.',
  },
  refused: { zh: '没有恢复，因为：', en: 'It was not brought back, because:' },
  back: {
    zh: '{key}：第 {version} 版，内容与第 {back} 版相同。',
    en: '{key}: version {version}, which says what version {back} said.',
  },
  same: {
    zh: '{key}：现在的第 {version} 版就是这个内容，没有改变。',
    en: '{key}: version {version}, in force, says this already; nothing was changed.',
  },
  inForce: { zh: '生效中', en: 'in force' },
  sameAs: { zh: '同第 {version} 版', en: 'as version {version}' },
} as const satisfies Record<string, Text>
