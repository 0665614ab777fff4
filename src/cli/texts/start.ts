import type { Text } from './text.ts'

export const START = {
  summary: { zh: '启动叮咚（含内置数据库）', en: 'start Dingdong, its database included' },
  port: { zh: '监听端口', en: 'port to listen on' },
  host: { zh: '监听地址', en: 'address to listen on' },
  role: { zh: 'all、api 或 worker', en: 'all, api or worker' },
  ready: { zh: '叮咚 Dingdong 已启动', en: '叮咚 Dingdong is up' },
  database: { zh: '正在启动数据库…', en: 'Starting the database…' },
  schema: { zh: '正在准备数据表…', en: 'Preparing the tables…' },
  demo: { zh: '正在准备演示店…', en: 'Setting up the demo shop…' },
  listen: { zh: '正在监听…', en: 'Listening…' },
  address: { zh: '地址', en: 'Address' },
  admin: { zh: '管理员密钥', en: 'Admin secret' },
  adminOnce: { zh: '只显示这一次，请保存', en: 'shown this once: keep it' },
  outbox: { zh: '发件箱', en: 'Outbox' },
  outboxHint: {
    zh: '演示店发出的消息，用管理员密钥登录',
    en: 'what the demo shop sends; log in with the admin secret',
  },
  apiKey: { zh: 'API 密钥', en: 'API key' },
  apiKeyHint: { zh: '仅限演示店', en: 'of the demo shop' },
  masterKey: { zh: '主密钥', en: 'Master key' },
  masterKeyHint: {
    zh: '刚生成，请另行备份：丢失后数据无法解密',
    en: 'just made: keep a copy elsewhere; without it the data cannot be read',
  },
  tryIt: {
    zh: '试一试：一笔支付失败，看发件箱里的挽回邮件',
    en: 'Try it: a payment fails, and the outbox shows the mail that wins it back',
  },
  curlReady: { zh: '复制到另一个终端：', en: 'Copy into another terminal:' },
  day: { zh: '看一天的生意', en: 'A day of shop life' },
  stop: { zh: '停止', en: 'Stop' },
  noShops: {
    zh: '还没有店铺。创建一个：npm run dingdong -- shop create my-shop --name "我的店"',
    en: 'There is no shop yet. Make one: npm run dingdong -- shop create my-shop --name "My shop"',
  },
  loopback: {
    zh: '链接中的地址是 {url}，只有本机能打开。要让买家打开链接，请设置 publicUrl。',
    en: 'Links will point to {url}, which only this machine can open. Set publicUrl before real buyers get messages.',
  },
  stopping: {
    zh: '正在停止：处理完手头的工作…（再按一次立即停止）',
    en: 'Stopping: finishing what is in hand… (again: at once)',
  },
  stopped: { zh: '已停止。', en: 'Stopped.' },
} as const satisfies Record<string, Text>
