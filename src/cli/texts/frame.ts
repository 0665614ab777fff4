import type { Text } from './text.ts'

/** The words around every command. */
export const FRAME = {
  about: {
    zh: '叮咚：在合适的时间，用合适的渠道，给对的人发对的消息，并挽回失败的支付。',
    en: 'Dingdong: the right message to the right person on the right channel at the right moment, and failed payments won back.',
  },
  version: { zh: '显示版本', en: 'show the version' },
  help: { zh: '显示帮助', en: 'show help' },
  json: { zh: '输出 JSON（一行一个），供程序使用', en: 'print JSON, one text a line, for programs' },
  config: {
    zh: '设置文件（默认 ./dingdong.config.yaml）',
    en: 'settings file (default: ./dingdong.config.yaml)',
  },
  dataDir: { zh: '数据目录（默认 ./data）', en: 'data directory (default: ./data)' },
  examples: { zh: '示例：', en: 'Examples:' },
  exits: {
    zh: '退出码：0 成功 · 1 失败 · 2 用法或设置有误 · 3 找不到 · 4 服务或数据库不可用（可稍后重试） · 130 被 Ctrl-C 中断',
    en: 'Exit codes: 0 done · 1 failed · 2 used or set up wrongly · 3 not found · 4 server or database unavailable (try again) · 130 broken off with Ctrl-C',
  },
  titles: {
    'Usage:': { zh: '用法：', en: 'Usage:' },
    'Commands:': { zh: '命令：', en: 'Commands:' },
    'Options:': { zh: '选项：', en: 'Options:' },
    'Arguments:': { zh: '参数：', en: 'Arguments:' },
  },
  placeholders: {
    options: { zh: '[选项]', en: '[options]' },
    command: { zh: '[命令]', en: '[command]' },
  },
  groups: {
    policy: { zh: '频次、免打扰、发送时段等规则', en: 'caps, quiet hours, send windows and levels' },
    key: { zh: 'API 密钥', en: 'API keys' },
    event: { zh: '事件', en: 'events' },
    message: { zh: '消息', en: 'messages' },
    shop: { zh: '店铺', en: 'shops' },
    flow: { zh: '流程', en: 'flows' },
    template: { zh: '模板', en: 'templates' },
    preset: { zh: '预设', en: 'presets' },
    seal: { zh: '加密', en: 'sealing of personal data' },
    admin: { zh: '管理员', en: 'the administrator' },
    connection: { zh: '连接：听哪些外部系统', en: 'connections: whom the shop listens to' },
    account: { zh: '发送账号', en: 'accounts to send through' },
    code: { zh: '支付失败的代码', en: 'failure codes' },
    law: { zh: '消息能说什么', en: 'what messages may say' },
    customer: { zh: '买家', en: 'buyers' },
    member: { zh: '店员', en: 'people who work for the shop' },
    review: { zh: '人工复核', en: 'what waits for a person' },
    rule: { zh: '异常规则', en: 'rules for anomalies' },
  },
} as const satisfies Record<string, Text | Record<string, Text>>
