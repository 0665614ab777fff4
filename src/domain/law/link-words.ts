const list = (text: string): readonly string[] => text.split(' ')
const set = (text: string): ReadonlySet<string> => new Set(list(text))

/** Ends of domain names that are no words: whatever stands before them with a dot is an address. */
export const SURE = set(
  'com cn net org cc xyz io vip tk ru ly gg icu wang ltd biz tw hk eu uk de jp kr fr gl im la pw ws mobi asia edu gov cx gd',
)
/** Ends that are also words, or short: they count where nothing else can be meant. */
export const WORDY = set(
  'top shop live online store link info site club fun click one world life work news me it is in at to my us am ' +
    'so be by co app dev tech pro red ink pub art group team cool plus center today video email cloud run space website ' +
    'host press love game games bid win loan men date review trade fit luxe kim ren cam mom lol pics sbs cyou cfd rest ' +
    'tv fm id do no al st sh ai ac ag cash store sale',
)
export const HAN_ENDS = list('中国 公司 网络 网址 网店 商城 商店 在线 我爱你 集团 手机')
/** These end names, too, and begin sentences: they count behind Latin letters only. */
export const HAN_ENDS_OF_LATIN = list(
  '例子 测试 网站 商标 移动 政务 公益 餐厅 娱乐 购物 招聘 世界 健康 企业 时尚 广东 佛山 慈善 新闻 香港 台湾 澳门 新加坡 信息 ' +
    '游戏 珠宝 微博 书籍 食品 点看 八卦 天主教 机构 组织机构 政府 酒店 招商 联通 中信',
)
/** Marks that people put where a dot belongs. */
export const WEAK_DOTS = new Set([...',、*°º˙丶|~^_，;\'`"=!-+@'])
export const DOT_WORDS = new Set(['点', '奌', '點'])
export const BRACKETS = new Set([...'()[]{}<>«»“”‘’「」『』【】〔〕《》'])

/** Whoever writes these means an address. */
export const SCHEMES = list(
  'http hxxp htttp httq www vvvvvv dotcom dotcn dotnet diancom diancn 点康姆 点康母 点肯姆 点坎姆 点卡姆 点抗姆 点扣姆 点西恩',
)

/** Words that are cut short with a point before a number. */
export const CUT_SHORT = set('no nr num sn id ref tel ext order')
