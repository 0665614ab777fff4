import type { Text } from './text.ts'

export const PRESETS = {
  list: {
    zh: '对照程序自带的预设，列出店铺的流程、模板和规则：最新、有新版、已编辑',
    en: 'compare a shop’s flows, templates and rules with the presets of this program: current, newer there, edited',
  },
  take: {
    zh: '采用程序自带预设的新版（作为新版本发布）；已编辑的只在写明名称时替换',
    en: 'publish the program’s newer presets as new versions; what the shop has edited only where it is named',
  },
  names: { zh: '名称，见 preset list', en: 'their names, see preset list' },
  all: { zh: '有新版且未编辑的全部', en: 'all that have a newer one and are not edited' },
  need: {
    zh: '请写明要采用的名称，或 --all。有哪些见 preset list。',
    en: 'Say which to take by name, or --all. "preset list" shows what there is.',
  },
  flow: { zh: '流程', en: 'flow' },
  template: { zh: '模板', en: 'template' },
  rule: { zh: '规则', en: 'rule' },
  current: { zh: '最新', en: 'current' },
  older: { zh: '有新版', en: 'newer one there' },
  edited: { zh: '已编辑', en: 'edited' },
  editedNewer: { zh: '已编辑，预设有新版', en: 'edited; the preset has a newer one' },
  missing: { zh: '店铺没有', en: 'not in the shop' },
  newer: {
    zh: '{count} 项有新版。全部采用：dingdong preset take --all{of}',
    en: 'Newer ones: {count}. To take them all: dingdong preset take --all{of}',
  },
  taken: { zh: '{kind} {name}：第 {version} 版', en: '{kind} {name}: version {version}' },
  wasEdited: {
    zh: '店铺编辑过的是第 {replaced} 版；恢复：dingdong {command} undo {name}{of}',
    en: 'the shop’s own text is version {replaced}; dingdong {command} undo {name}{of} brings it back',
  },
  after: {
    zh: '进行中的流程按原版本走完。恢复原来的内容：dingdong flow undo、template undo、rule undo。',
    en: 'Runs under way finish on theirs. To bring back what was before: dingdong flow undo, template undo, rule undo.',
  },
  same: { zh: '{kind} {name}：已是最新', en: '{kind} {name}: current already' },
  nothing: { zh: '没有可采用的新版。', en: 'There is nothing newer to take.' },
  refused: { zh: '{kind} {name}：没有采用，因为：', en: '{kind} {name} was not taken, because:' },
  leftEdited: {
    zh: '已编辑，保持原样：{names}（写明名称才会替换）',
    en: 'Edited, left as they are: {names} (named, they are replaced)',
  },
  unknown: { zh: '没有叫“{name}”的预设{near}', en: 'There is no preset "{name}"{near}' },
  addFlow: {
    zh: '店铺没有流程“{name}”；请运行 dingdong flow add {name}{of}',
    en: 'The shop has no flow "{name}"; run: dingdong flow add {name}{of}',
  },
  addRule: {
    zh: '店铺没有规则“{name}”；请运行 dingdong rule add{of}',
    en: 'The shop has no rule "{name}"; run: dingdong rule add{of}',
  },
} as const satisfies Record<string, Text>
