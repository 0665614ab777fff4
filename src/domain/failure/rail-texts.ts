import { translator } from '../sentences.ts'

/** What is said about files of `rails/`, in Chinese. What is particular stands before what is general. */
export const railProblemInChinese = translator({
  'no valid YAML: {}': 'YAML 格式有误：{}',
  'there is no such field ({})': '没有这个字段（{}）',
  'expected a day such as 2026-10-25': '应为日期，如 2026-10-25',
  'there is no day {}': '没有 {} 这一天',
  'expected small letters, digits and underscores': '应为小写字母、数字和下划线',
  'expected the code in quotes: without them YAML reads a number': '代码要加引号：不加引号，YAML 会读成数字',
  'expected a month such as 2026-11': '应为月份，如 2026-11',
  'there is no month {}': '没有 {} 这个月',
  'must be later than "from"': '必须晚于 from',
  'only a code of class other says nothing; "{}" does': '只有 other 类的代码才算没有说明原因，“{}”不是这一类',
  '"{}" stands here twice for the same time': '“{}”在同一时期出现了两次',
  '"{}" already has a row for a part of this time': '“{}”在这段时间的一部分里已有一行',
  '"{}" stands here twice': '“{}”出现了两次',
  '{} is about "{}", too': '{} 也是关于“{}”的',
  '"{}" means something else in "{}", and both are read from {} of {}':
    '“{}”在“{}”里是另一个意思，而两者都从 {} 读取（{}）',
  'expected a duration such as 30d, 24h or 15m': '应为时长，如 30d、24h、15m',
  'expected "codes" or "advice"': '应有 codes 或 advice',
  'expected a country code such as BR': '应为国家代码，如 BR',
  'expected exactly one of "never", "count" and "wait"': 'never、count、wait 应当只有其中一个',
})
