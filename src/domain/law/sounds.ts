/**
 * The main reading of the characters of GB 2312: a syllable with its tone, then the characters that sound so. Whoever
 * disguises a word writes another character of the same sound, or the sound itself. After pinyin-pro 3.29.4 (MIT).
 */
const READINGS = `
a0啊 a1阿吖锕 a2嗄 ai1埃挨哎哀锿 ai2皑癌捱 ai3蔼矮霭 ai4唉艾碍爱隘嗳嗌嫒瑷暧砹 an1鞍氨安谙庵桉鹌 an3俺埯揞铵 an4按暗岸胺案犴黯 ang1肮 ang2昂
ang4盎 ao1凹 ao2敖熬翱嚣嗷廒遨獒聱螯鳌鏖 ao3袄艹媪 ao4傲奥懊澳坳拗岙骜鏊 ba0吧 ba1芭捌扒叭笆八疤巴岜粑 ba2拔跋茇菝魃 ba3靶把钯 ba4坝霸罢爸灞鲅
bai1掰 bai2白 bai3柏百摆佰捭 bai4败拜稗呗 ban1斑班搬扳般颁瘢癍 ban3板版阪坂钣舨 ban4扮拌伴瓣半办绊 bang1邦帮梆浜 bang3榜膀绑
bang4棒磅蚌镑傍谤蒡 bao1苞胞包褒剥勹孢煲龅 bao2薄雹 bao3保堡饱宝葆鸨褓 bao4抱报暴豹鲍爆 bei1杯碑悲卑陂鹎 bei3北 bei4辈背贝钡倍狈备惫焙被孛邶蓓悖碚褙鐾鞴
ben1奔贲锛 ben3苯本畚 ben4笨坌 beng1崩绷嘣 beng2甭 beng4泵蹦迸甏 bi1逼 bi2鼻荸 bi3比鄙笔彼匕俾吡妣秕舭
bi4碧蓖蔽毕毙毖币庇痹闭敝弊必壁臂避陛荜萆薜哔狴庳愎滗濞弼婢嬖璧畀铋裨筚箅篦襞跸髀 bian1鞭边编煸砭蝙笾鳊 bian3贬扁匾碥窆褊 bian4便变卞辨辩辫遍弁苄忭汴缏
biao1标彪膘飑飙飚镖镳瘭髟 biao3表婊裱 biao4鳔 bie1鳖憋 bie2别蹩 bie3瘪 bin1彬斌濒滨宾傧豳缤玢槟镔 bin4摈殡膑髌鬓 bing1兵冰冫
bing3柄丙秉饼炳禀邴 bing4病并摒 bo0啵 bo1玻菠播拨钵波饽趵 bo2博勃搏铂箔伯帛舶脖膊渤泊驳簿亳礴钹鹁踣 bo3跛 bo4檗擘簸 bu1逋晡钸 bu2醭 bu3捕卜哺补卟
bu4埠不布步部怖瓿钚 ca1擦 ca3礤 cai1猜 cai2裁材才财 cai3睬踩采彩 cai4菜蔡 can1餐参骖 can2蚕残惭 can3惨黪 can4灿璨粲 cang1苍舱仓沧
cang2藏 cao1操糙 cao2槽曹嘈漕螬艚 cao3草 ce4厕策侧册测恻 cen2岑涔 ceng1噌 ceng2层曾 ceng4蹭 cha1插叉嚓馇杈锸 cha2茬茶查碴搽察猹槎檫
cha3镲 cha4岔差诧刹汊姹衩 chai1拆钗 chai2柴豺侪 chai4瘥虿 chan1搀掺觇 chan2蝉馋谗缠廛潺澶孱婵禅蟾躔 chan3铲产阐冁谄蒇骣 chan4颤忏羼
chang1昌猖伥菖阊娼鲳 chang2尝常长偿肠苌徜嫦 chang3场厂敞惝昶氅 chang4畅唱倡鬯怅 chao1超抄钞怊焯 chao2朝嘲潮巢晁 chao3吵炒 chao4耖
che1车砗 che3扯 che4撤掣彻澈坼屮 chen0伧 chen1郴抻嗔琛 chen2臣辰尘晨忱沉陈谌宸 chen3碜 chen4趁衬谶榇龀 cheng1撑称柽樘瞠蛏
cheng2城橙成呈乘程惩澄诚承丞埕枨塍铖裎酲 cheng3逞骋 cheng4秤 chi1吃痴郗哧嗤媸眵鸱蚩螭笞魑 chi2持匙池迟弛驰墀茌篪踟 chi3耻齿侈尺褫豉
chi4赤翅斥炽傺叱啻彳饬敕瘛 chong1充冲茺忡憧舂艟 chong2虫崇 chong3宠 chong4铳 chou1抽瘳 chou2酬畴踌稠愁筹仇绸俦帱惆雠 chou3瞅丑 chou4臭
chu1初出樗 chu2橱厨躇锄雏滁除刍蜍蹰 chu3楚础储杵楮褚 chu4矗搐触处畜亍怵憷绌黜 chuai1揣搋 chuai4膪踹 chuan1川穿巛氚 chuan2椽传船遄舡
chuan3喘舛 chuan4串钏 chuang1疮窗 chuang2床 chuang3闯 chuang4创怆 chui1吹炊 chui2捶锤垂陲棰槌 chun1春椿蝽 chun2醇唇淳纯莼鹑
chun3蠢 chuo1戳踔 chuo4绰啜辶辍龊 ci1疵呲 ci2茨磁雌辞慈瓷词祠鹚糍 ci3此 ci4刺赐次 cong1聪葱囱匆苁骢璁枞 cong2从丛淙琮 cou4凑楱辏腠 cu1粗
cu2徂殂 cu4醋簇促蔟猝酢蹙蹴 cuan1蹿汆撺镩 cuan4篡窜爨 cui1摧崔催榱 cui3璀 cui4脆瘁粹淬翠萃啐悴毳 cun1村皴 cun2存 cun3忖 cun4寸
cuo1磋撮搓蹉 cuo2嵯矬痤鹾 cuo3脞 cuo4措挫错厝锉 da0瘩 da1搭耷哒嗒褡 da2达答怛妲笪靼鞑 da3打 da4大 dai1呆呔 dai3歹傣逮
dai4戴带殆代贷袋待怠埭甙岱迨骀绐玳黛 dan1耽担丹单郸儋殚眈瘅聃箪 dan3掸胆赕疸 dan4旦氮但惮淡诞蛋萏啖澹 dang1当铛裆 dang3挡党谠 dang4荡档凼菪宕砀
dao1刀刂叨忉氘 dao3捣蹈倒岛祷导 dao4到稻悼道盗纛 de0的 de2德得锝 deng1蹬灯登噔镫簦 deng3等戥 deng4瞪凳邓嶝磴 di1堤低滴氐羝
di2迪敌笛狄涤嫡籴荻嘀觌镝 di3抵底诋邸坻柢砥骶 di4地蒂第帝弟递缔谛娣棣碲睇 dia3嗲 dian1颠掂滇巅癫 dian3碘点典踮 dian4靛垫电佃甸店惦奠淀殿坫玷钿癜簟
diao1碉叼雕凋刁貂鲷 diao4掉吊钓铞 die1跌爹 die2碟蝶迭谍叠垤堞揲喋牒瓞耋蹀鲽 ding1丁盯叮钉仃玎疔耵酊 ding3顶鼎 ding4锭定订啶腚碇 diu1丢铥
dong1东冬咚岽氡鸫 dong3董懂 dong4动栋侗恫冻洞垌峒胨胴硐 dou1兜都蔸篼 dou3抖陡蚪 dou4斗豆逗痘窦 du1督嘟 du2毒犊独读渎椟牍髑黩 du3堵睹赌笃
du4杜镀肚度渡妒芏蠹 duan1端 duan3短 duan4锻段断缎椴煅簖 dui1堆 dui4兑队对怼憝碓 dun1墩吨蹲敦礅镦 dun3盹趸 dun4顿钝盾遁沌炖砘 duo1掇哆多咄裰
duo2夺铎踱 duo3躲朵哚缍 duo4垛跺舵剁惰堕沲 e1屙婀 e2蛾峨鹅俄额讹娥莪锇 e4恶厄扼遏鄂饿噩谔垩苊萼呃愕阏轭腭锷鹗颚鳄 ei1诶 en1恩蒽 en4摁 er2而儿鸸鲕
er3耳尔饵洱迩珥铒 er4二贰佴 fa1发 fa2罚筏伐乏阀垡 fa3法砝 fa4珐 fan1藩帆番翻蕃幡 fan2樊矾钒繁凡烦蘩燔蹯 fan3反返 fan4范贩犯饭泛梵畈
fang1坊芳方匚邡枋钫 fang2肪房防妨鲂 fang3仿访纺舫 fang4放 fei1菲非啡飞妃绯扉蜚霏鲱 fei2肥淝腓 fei3匪诽悱榧斐篚翡 fei4吠肺废沸费芾狒镄痱
fen1芬酚吩氛分纷 fen2坟焚汾棼鼢 fen3粉 fen4奋份忿愤粪偾瀵鲼 feng1丰封枫蜂峰锋风疯烽酆葑沣砜 feng2逢冯 feng3讽唪 feng4缝奉凤俸 fo2佛 fou3否缶
fu1夫敷肤孵呋稃麸趺跗 fu2扶拂辐幅氟符伏俘服浮涪福袱弗匐凫郛芙苻茯菔幞怫艴孚绂绋桴祓砩黻罘蚨蜉蝠 fu3甫抚辅俯釜斧腑府腐阝拊呒滏黼 fu4赴副覆赋复傅付阜父腹负富讣附妇缚咐驸赙馥蝮鲋鳆
ga1旮 ga2噶尜钆 ga3嘎尕 ga4尬 gai1该陔垓赅 gai3改胲 gai4概钙盖溉丐戤 gan1干甘杆柑竿肝坩苷尴泔矸疳酐 gan3赶感秆敢擀澉橄 gan4赣淦绀旰
gang1冈刚钢缸肛纲罡 gang3岗港 gang4杠戆筻 gao1篙皋高膏羔糕睾槔 gao3搞稿藁缟槁杲 gao4告诰郜锆 ge1哥歌搁戈鸽胳疙割咯圪袼 ge2革格阁隔鬲塥嗝搿膈镉骼
ge3葛哿舸 ge4铬个各硌虼 gei3给 gen1根跟 gen2哏 gen4亘茛艮 geng1耕庚羹赓 geng3埂耿梗哽绠鲠 geng4更 gong1工攻功恭龚躬公宫弓肱蚣觥
gong3巩汞拱廾珙 gong4供贡共 gou1钩勾沟佝缑篝鞲 gou3苟狗岣枸笱 gou4垢构购够诟遘媾觏彀 gu1辜菇咕箍估沽孤姑菰轱毂鸪蛄酤觚 gu3鼓古蛊骨谷股嘏诂汩牯臌瞽罟钴
gu4故顾固雇崮梏牿锢痼鲴 gua1刮瓜呱栝胍鸹 gua3剐寡 gua4挂褂卦诖 guai1乖 guai3拐 guai4怪 guan1棺关官冠观倌鳏 guan3管馆 guan4罐惯灌贯掼涫盥鹳
guang1光咣胱 guang3广犷 guang4逛桄 gui1瑰规圭硅归龟闺妫皈鲑 gui3轨鬼诡癸匦庋宄晷簋 gui4桂柜跪贵刽刿桧 gun3辊滚丨衮绲磙鲧 gun4棍
guo1锅郭埚呙崞猓聒蝈 guo2国馘掴帼虢 guo3果裹椁蜾 guo4过 ha1哈铪 ha2蛤 hai1咳 hai2骸孩还 hai3海醢 hai4氦亥害骇 han1酣憨顸蚶鼾
han2邯韩含涵寒函邗晗焓 han3喊罕 han4翰撼捍旱憾悍焊汗汉菡撖瀚颔 hang1夯 hang2杭航绗颃 hang4沆 hao1蒿薅嚆 hao2壕嚎豪毫嗥濠蚝 hao3郝好
hao4镐耗号浩灏昊皓颢 he1呵喝诃嗬 he2荷菏核禾和何合盒阂河涸劾阖纥曷盍颌翮 he4赫褐鹤贺壑 hei1嘿黑嗨 hen2痕 hen3很狠 hen4恨 heng1哼亨
heng2横衡恒蘅珩桁 hong1轰烘訇薨 hong2虹鸿洪宏弘红黉荭蕻闳泓 hong3哄 hong4讧 hou2喉侯猴瘊篌糇骺 hou3吼 hou4厚候后堠後逅鲎 hu1呼乎忽唿惚滹轷烀虍
hu2瑚壶葫胡蝴狐糊湖弧囫猢槲觳煳鹄鹕醐斛鹘 hu3虎唬浒琥 hu4护互沪户冱岵怙戽扈祜瓠鹱笏 hua1花砉 hua2哗华猾滑骅铧 hua4画划化话桦 huai2槐徊怀淮踝 huai4坏
huan1欢獾 huan2环桓郇萑圜洹寰缳锾鬟 huan3缓 huan4换患唤痪豢焕涣宦幻奂擐浣漶逭鲩 huang1荒慌肓 huang2黄磺蝗簧皇凰惶煌隍徨湟潢遑璜癀蟥篁鳇 huang3幌恍谎
huang4晃 hui1灰挥辉徽恢诙咴隳珲晖虺麾 hui2蛔回茴洄 hui3毁悔 hui4慧卉惠晦贿秽会烩汇讳诲绘荟蕙喙浍彗缋恚蟪 hun1荤昏婚阍 hun2魂浑馄 hun4混诨溷
huo1豁劐攉锪耠 huo2活 huo3伙火夥灬钬 huo4获或惑霍货祸藿嚯镬蠖 ji1击圾基机畸稽积箕肌饥激讥鸡姬缉乩剞墼芨叽咭唧屐畿玑赍犄齑矶羁嵇笄跻
ji2吉极棘辑籍集及急疾汲即嫉级亟佶蒺蕺岌嵴楫殛戢瘠笈 ji3挤几脊己掎戟虮麂 ji4迹绩蓟技冀季伎祭剂悸济寄寂计记既忌际妓继纪偈芰哜洎彐骥觊稷暨跽霁鲚鲫髻
jia1嘉枷佳家加伽葭浃迦珈镓痂笳袈跏 jia2夹荚颊郏戛恝铗袷蛱 jia3贾甲钾假岬胛瘕 jia4稼价架驾嫁 jian1歼监坚尖笺间煎兼肩艰奸缄菅蒹搛湔缣戋犍鹣鲣鞯
jian3茧检柬碱硷拣捡简俭剪减谫囝蹇謇枧戬睑锏裥笕翦趼 jian4荐鉴践贱见键箭件健舰剑饯渐溅涧建僭谏楗牮毽腱踺 jiang1僵姜将浆江疆茳缰礓豇 jiang3蒋桨奖讲耩
jiang4匠酱降洚绛犟糨 jiao1蕉椒礁焦胶交郊浇骄娇僬艽茭姣鹪蛟跤鲛 jiao2嚼 jiao3搅铰矫侥脚狡角饺缴绞剿佼挢徼敫皎 jiao4教酵轿较叫窖噍醮 jie1揭接皆秸街阶喈嗟疖
jie2截劫节杰捷睫竭洁结讦诘卩拮婕孑桀碣颉羯鲒 jie3解姐 jie4戒藉芥界借介疥诫届蚧骱 jin1巾筋斤金今津襟钅衿矜 jin3紧锦仅谨卺堇馑廑瑾槿
jin4进靳晋禁近烬浸尽劲荩噤妗缙赆觐 jing1荆兢茎睛晶鲸京惊精粳经菁泾腈旌箐 jing3井警景颈刭儆阱憬肼 jing4静境敬镜径痉靖竟竞净獍迳弪婧胫 jiong1冂扃
jiong3炯窘迥炅 jiu1揪究纠啾阄鸠赳鬏 jiu3玖韭久灸九酒 jiu4厩救旧臼舅咎就疚僦柩桕鹫 ju1鞠拘狙疽居驹苴掬琚椐锔裾趄雎鞫 ju2桔菊局橘 ju3矩举沮莒榘榉踽龃
ju4聚拒据巨具距踞锯俱句惧炬剧倨讵苣遽屦犋飓钜窭醵 juan1捐鹃娟涓蠲镌 juan3锩 juan4倦眷卷绢鄄狷桊 jue1撅噘 jue2攫抉掘爵觉决诀绝厥劂谲矍蕨噱崛獗孓珏桷橛爝镢觖鳜
jue3蹶 jue4倔 jun1均菌钧军君皲麇 jun4峻俊竣浚郡骏捃隽 ka1喀咖 ka3卡佧咔胩 kai1开揩锎 kai3楷凯慨剀垲蒈恺铠锴 kai4忾 kan1刊堪勘戡龛
kan3槛坎砍侃凵莰 kan4看阚瞰 kang1康慷糠闶 kang2扛 kang4抗亢炕伉钪 kao1尻 kao3考拷烤栲 kao4靠犒铐 ke1坷苛柯棵磕颗科珂轲瞌钶稞疴窠颏蚵蝌髁 ke2壳
ke3可渴岢 ke4克刻客课嗑恪溘骒缂氪锞 ken3肯啃垦恳 ken4裉 keng1坑吭铿 kong1空崆箜 kong3恐孔倥 kong4控 kou1抠芤眍 kou3口 kou4扣寇蔻叩筘
ku1枯哭窟刳堀骷 ku3苦 ku4酷库裤喾绔 kua1夸 kua3垮侉 kua4挎跨胯 kuai3蒯 kuai4块筷侩快郐哙狯脍 kuan1宽髋 kuan3款 kuang1匡筐诓哐
kuang2狂诳 kuang3夼 kuang4框矿眶旷况邝圹纩贶 kui1亏盔岿窥悝 kui2葵奎魁馗夔揆喹逵暌睽蝰 kui3傀跬 kui4馈愧溃匮蒉喟愦聩篑 kun1坤昆琨锟醌鲲髡
kun3捆悃阃 kun4困 kuo4括扩廓阔蛞 la1垃拉喇啦邋 la2旯砬 la4蜡腊辣剌瘌 lai2莱来崃徕涞铼 lai4赖濑赉睐癞籁 lan2蓝婪栏拦篮阑兰澜谰岚斓镧褴
lan3揽览懒缆漤榄罱 lan4烂滥 lang1啷 lang2琅榔狼廊郎阆锒稂螂 lang3朗 lang4浪莨蒗 lao1捞 lao2劳牢崂铹痨醪 lao3老佬姥栳铑 lao4酪烙涝唠耢
le1嘞 le4勒乐仂叻泐鳓 lei2雷镭羸嫘缧檑 lei3蕾磊儡垒诔耒 lei4累擂肋类泪酹 leng2棱楞塄 leng3冷 leng4愣 li1哩
li2厘梨犁黎篱狸离漓璃蓠藜喱嫠骊缡罹鹂蜊蠡鲡黧 li3理李里鲤礼俚澧逦娌锂醴鳢 li4莉荔吏栗丽厉励砾历利傈例俐痢立粒沥隶力俪郦坜苈莅呖唳猁溧枥栎轹戾砺詈疠疬蛎笠篥粝雳 lia3俩
lian2联莲连镰廉怜涟帘奁濂臁裢蠊鲢 lian3敛脸蔹琏裣 lian4链恋炼练潋楝殓 liang2粮凉梁粱良量墚椋 liang3两魉 liang4辆晾亮谅踉靓
liao2撩聊僚疗燎寥辽潦嘹獠寮缭鹩 liao3了蓼 liao4撂镣廖料尥钌 lie1咧 lie4列裂烈劣猎冽埒捩洌趔躐鬣 lin1拎 lin2琳林磷霖临邻鳞淋啉嶙遴辚瞵粼麟 lin3凛廪懔檩
lin4赁吝蔺膦躏 ling2玲菱零龄铃伶羚凌灵陵酃苓囹泠绫柃棂瓴聆蛉翎鲮 ling3岭领 ling4另令呤 liu1溜熘 liu2琉榴硫馏留刘瘤流浏遛骝旒鎏 liu3柳绺锍 liu4六镏鹨
long2龙聋咙笼窿隆茏泷珑栊胧砻癃 long3垄拢陇垅 lou0喽 lou2楼娄蒌耧蝼髅 lou3搂篓嵝 lou4漏陋镂瘘 lu0氇 lu1撸噜 lu2芦卢颅庐炉垆泸栌轳胪鸬舻鲈
lu3掳卤虏鲁橹镥 lu4麓碌露路赂鹿潞禄录陆戮渌漉逯璐辂辘鹭簏 luan2峦挛孪滦脔娈栾鸾銮 luan3卵 luan4乱 lun1抡 lun2轮伦仑沦纶囵 lun4论
luo2萝螺罗逻锣箩骡猡椤脶镙 luo3裸倮蠃瘰 luo4落洛骆络荦摞泺漯珞跞雒 lv2驴闾榈 lv3吕铝侣旅履屡缕偻捋膂稆褛 lv4虑氯律率滤绿 lve4掠略锊 ma0嘛吗蟆 ma1妈
ma2麻 ma3玛码蚂马犸 ma4骂杩 mai2埋霾 mai3买荬 mai4麦卖迈脉劢唛 man1颟 man2瞒馒蛮鳗鞔 man3满螨 man4蔓曼慢漫谩墁幔缦熳镘 mang2芒茫盲氓忙邙硭
mang3莽漭蟒 mao1猫 mao2茅锚毛矛茆牦旄蝥蟊髦 mao3铆卯峁泖昴 mao4茂冒帽貌贸袤瑁耄懋瞀 me0么 mei2玫枚梅酶霉煤没眉媒莓嵋猸湄楣镅鹛 mei3镁每美浼
mei4昧寐妹媚袂魅 men0们 men1闷 men2门扪钔 men4焖懑 meng2萌蒙檬盟甍瞢朦礞虻艨 meng3锰猛勐懵蜢蠓艋 meng4梦孟 mi1眯咪 mi2醚靡糜迷谜弥蘼猕祢縻麋
mi3米芈弭脒敉 mi4秘觅泌蜜密幂冖谧嘧汨宓糸 mian2棉眠绵宀 mian3冕免勉娩缅沔渑湎腼眄黾 mian4面 miao1喵 miao2苗描瞄鹋 miao3藐秒渺邈缈杪淼眇
miao4庙妙 mie1咩 mie4蔑灭蠛篾 min2民苠岷缗玟珉 min3抿皿敏悯闽闵泯愍鳘 ming2明螟鸣铭名冥茗溟暝瞑 ming3酩 ming4命 miu4谬缪 mo1摸
mo2摹蘑模膜磨摩魔谟馍嫫嬷麽 mo3抹 mo4貉末莫墨默沫漠寞陌茉蓦殁镆秣瘼耱貊貘 mou1哞 mou2谋侔眸蛑鍪 mou3某 mu2毪 mu3拇牡亩姆母
mu4牟墓暮幕募慕木目睦牧穆仫坶苜沐钼 na2拿镎 na3哪 na4呐钠那娜纳捺肭衲 nai3氖乃奶艿 nai4耐奈鼐萘柰 nan1囡 nan2南男难喃楠 nan3腩蝻赧 nang1囔
nang2囊馕 nang3攮曩 nao1孬 nao2挠呶猱硇铙蛲 nao3脑恼垴瑙 nao4闹淖 ne0呢 ne4讷疒 nei3馁 nei4内 nen4嫩恁 neng2能 ng4嗯 ni1妮
ni2霓倪泥尼坭猊怩铌鲵 ni3拟你旎 ni4匿腻逆溺伲昵睨 nian1蔫拈 nian2年粘黏鲇鲶 nian3碾撵捻辗辇 nian4念廿埝 niang2娘 niang4酿 niao3鸟茑嬲袅
niao4尿脲 nie1捏 nie4聂孽啮镊镍涅乜陧蘖嗫颞臬蹑 nin2您 ning2柠狞凝宁咛甯聍 ning3拧 ning4泞佞 niu1妞 niu2牛 niu3扭钮纽狃忸
nong2脓浓农侬哝 nong4弄 nou4耨 nu2奴孥驽 nu3努弩胬 nu4怒 nuan3暖 nuo2挪傩 nuo4懦糯诺搦喏锘 nv3女钕 nv4恧衄 nve4虐疟 o1噢 o4哦
ou1欧鸥殴沤讴瓯 ou3藕呕偶耦 ou4怄 pa1啪趴葩 pa2耙爬琶杷筢 pa4帕怕 pai1拍 pai2排牌徘俳 pai4湃派蒎哌 pan1攀潘 pan2盘磐丬爿蟠蹒
pan4盼畔判叛泮袢襻 pang1乓滂 pang2庞旁彷逄螃 pang3耪 pang4胖 pao1抛脬 pao2咆刨袍匏狍庖 pao3跑 pao4炮泡疱 pei1呸胚醅 pei2培裴赔陪锫
pei4配佩沛辔帔旆霈 pen1喷 pen2盆湓 peng1砰抨烹嘭怦 peng2澎彭蓬棚硼篷膨朋鹏堋蟛 peng3捧 peng4碰 pi1坯砒霹批披劈丕邳噼纰
pi2琵毗啤脾疲皮陴郫埤鼙芘枇罴铍蚍蜱貔 pi3匹痞仳圮擗庀癖疋 pi4辟僻屁譬淠媲甓睥 pian1篇偏犏翩 pian2骈胼蹁 pian3谝 pian4片骗 piao1飘漂剽螵 piao2瓢嫖
piao3莩缥殍瞟 piao4票嘌骠 pie1瞥氕 pie3撇丿苤 pin1拼拚姘 pin2频贫嫔颦 pin3品榀 pin4聘牝 ping1乒俜娉 ping2坪苹萍平凭瓶评屏枰鲆
po1坡泼颇钋 po2婆鄱皤 po3叵钷笸 po4破魄迫粕珀 pou1剖 pou2裒掊 pu1扑噗攴攵 pu2脯仆莆葡菩蒲匍濮璞镤 pu3埔朴圃普浦谱溥氆镨蹼 pu4铺曝瀑
qi1期欺栖戚妻七凄漆柒沏萋嘁桤欹蹊 qi2其棋奇歧畦崎脐齐旗祈祁骑丌亓圻芪荠萁蕲岐淇骐琪琦耆祺颀蛴蜞綦鳍麒 qi3起岂乞企启芑屺绮杞 qi4契砌器气迄弃汽泣讫葺汔槭憩碛 qia1掐葜
qia4恰洽髂 qian1牵扦钎铅千迁签仟谦佥阡芊岍悭骞搴褰愆 qian2乾黔钱钳前潜荨掮钤虔箝 qian3遣浅谴缱肷 qian4堑嵌欠歉倩芡茜椠 qiang1枪腔羌戕戗锖锵蜣
qiang2墙蔷强嫱樯 qiang3抢镪襁羟 qiang4呛炝跄 qiao1橇锹敲悄劁缲硗跷 qiao2桥瞧乔侨谯荞峤憔樵鞒 qiao3巧愀 qiao4鞘撬翘峭俏窍诮 qie2茄 qie3且
qie4切怯窃惬慊妾挈锲箧 qin1钦侵亲衾 qin2秦琴勤芹擒禽芩嗪噙檎覃螓 qin3寝锓 qin4沁揿吣 qing1青轻氢倾卿清圊蜻鲭 qing2擎晴氰情檠黥 qing3顷请苘謦
qing4庆磬罄綮 qiong2琼穷邛茕穹蛩筇跫銎 qiu1秋丘邱湫楸蚯鳅 qiu2球求囚酋泅俅巯犰逑遒赇虬裘鼽 qiu3糗 qu1趋区蛆躯屈驱诎岖祛蛐麴黢 qu2渠劬蕖蘧衢璩氍朐磲鸲癯蠼瞿
qu3曲取娶龋 qu4趣去阒觑 quan1圈悛 quan2颧权醛泉全痊拳诠荃辁铨蜷筌鬈 quan3犬犭绻畎 quan4券劝 que1缺炔阙 que2瘸 que4却鹊榷确雀阕悫 qun1逡
qun2裙群 ran2然燃蚺髯 ran3冉染苒 rang2瓤禳穰 rang3壤攘嚷 rang4让 rao2饶荛娆桡 rao3扰 rao4绕 re3惹 re4热 ren2壬仁人亻 ren3忍荏稔
ren4韧任认刃妊纫仞饪轫衽 reng1扔 reng2仍 ri4日 rong2戎茸蓉荣融熔溶容绒嵘狨榕肜蝾 rong3冗 rou2揉柔糅蹂鞣 rou4肉 ru2茹蠕儒孺如薷嚅濡铷襦颥
ru3辱乳汝 ru4入褥蓐洳溽缛 ruan3软阮朊 rui2蕤 rui3蕊 rui4瑞锐芮枘睿蚋 run4闰润 ruo4若弱偌箬 sa1撒仨挲 sa3洒 sa4萨卅脎飒 sai1腮鳃塞噻
sai4赛 san1三叁毵 san3伞馓 san4散 sang1桑 sang3嗓搡磉颡 sang4丧 sao1搔骚缫鳋 sao3扫嫂 sao4埽臊瘙 se4瑟色涩啬铯穑 sen1森
seng1僧 sha1莎砂杀沙纱铩痧裟鲨 sha2啥 sha3傻 sha4煞厦唼歃霎 shai1筛酾 shai4晒 shan1珊苫杉山删煽衫栅埏芟彡潸姗膻钐舢跚 shan3闪陕
shan4擅赡膳善汕扇缮讪鄯嬗骟疝蟮鳝 shang0裳 shang1墒伤商殇熵觞 shang3赏晌垧 shang4上尚绱 shao1梢捎稍烧蛸筲艄 shao2芍勺韶杓 shao3少
shao4哨邵绍劭潲 she1奢赊猞畲 she2蛇舌佘 she4舍赦摄射慑涉社设厍滠麝 shen1砷申呻伸身深娠绅诜莘糁 shen2神什 shen3沈审婶谂哂渖矧 shen4甚肾慎渗葚椹胂蜃
sheng1声生甥牲升笙 sheng2绳 sheng3省眚 sheng4盛剩胜圣嵊晟 shi1师失狮施湿诗尸虱蓍鲺 shi2十石拾时食蚀实识埘饣炻鲥 shi3史矢使屎驶始豕
shi4式示士世柿事拭誓逝势是嗜噬适仕侍释饰氏市恃室视试谥莳弑轼贳礻铈螫舐筮 shou1收 shou3手首守扌艏 shou4寿授售受瘦兽狩绶 shu1蔬枢梳殊抒输叔舒淑疏书倏菽摅姝纾毹殳
shu2赎孰熟塾秫 shu3薯暑曙署蜀黍鼠属 shu4术述树束戍竖墅庶数漱恕沭澍腧 shua1刷唰 shua3耍 shuai1摔衰 shuai3甩 shuai4帅蟀 shuan1栓拴闩
shuan4涮 shuang1霜双孀 shuang3爽 shui2谁 shui3水氵 shui4睡税 shun3吮 shun4瞬顺舜 shuo1说 shuo4硕朔烁蒴搠妁槊铄
si1斯撕嘶思私司丝厮厶咝澌纟缌锶鸶蛳 si3死 si4肆寺嗣四伺似饲巳俟兕汜泗姒驷祀耜笥 song1松凇菘崧嵩忪淞 song3耸怂悚竦 song4颂送宋讼诵 sou1搜艘嗖馊溲飕锼螋
sou3擞叟薮嗾瞍 sou4嗽 su1苏酥稣 su2俗 su4素速粟僳塑溯宿诉肃夙谡蔌嗉愫涑簌觫 suan1酸狻 suan4蒜算 sui1虽荽濉眭睢 sui2隋随绥 sui3髓
sui4碎岁穗遂隧祟谇邃燧 sun1孙荪狲飧 sun3损笋榫隼 suo1蓑梭唆缩嗦嗍娑桫睃羧 suo3琐索锁所唢 ta1塌他它她溻遢铊趿 ta3塔獭鳎 ta4挞蹋踏闼榻沓 tai1胎
tai2苔抬台邰薹炱跆鲐 tai4泰酞太态汰肽钛 tan1坍摊贪瘫滩 tan2弹坛檀痰潭谭谈郯昙锬镡 tan3坦毯袒忐钽 tan4碳探叹炭 tang1汤铴耥羰
tang2塘搪堂棠膛唐糖饧溏瑭镗螗螳醣 tang3倘躺淌傥帑 tang4趟烫 tao1掏涛滔绦韬焘饕 tao2萄桃逃淘陶鼗啕洮 tao3讨 tao4套 te4特忒忑慝铽 teng2藤腾疼誊滕
ti1梯剔踢锑 ti2提题蹄啼绨缇鹈醍 ti3体 ti4替嚏惕涕剃屉倜悌逖裼 tian1天添 tian2填田甜恬阗畋 tian3舔腆忝殄 tian4掭 tiao1挑佻祧
tiao2调条迢苕蜩笤龆鲦髫 tiao3窕 tiao4眺跳粜 tie1贴帖萜 tie3铁 tie4餮 ting1厅听烃汀 ting2廷停亭庭莛葶婷蜓霆 ting3挺艇梃町铤 tong1通嗵
tong2桐酮瞳同铜彤童佟僮仝茼潼砼 tong3桶捅筒统 tong4痛恸 tou1偷 tou2投头亠骰 tou3钭 tou4透 tu1凸秃突 tu2图徒途涂屠荼菟酴 tu3土吐钍 tu4兔堍
tuan1湍 tuan2团抟 tuan3疃 tuan4彖 tui1推 tui2颓 tui3腿 tui4蜕褪退煺 tun1吞暾 tun2囤屯臀饨豚 tun3氽 tuo1拖托脱乇
tuo2鸵陀驮驼佗坨沱柁橐砣酡跎鼍 tuo3椭妥庹 tuo4拓唾柝箨 wa1挖哇蛙洼娲 wa2娃 wa3瓦佤 wa4袜腽 wai1歪 wai3崴 wai4外 wan1豌弯湾剜蜿
wan2玩顽丸烷完芄纨 wan3碗挽晚皖惋宛婉莞菀绾琬脘畹 wan4万腕 wang1汪尢 wang2王亡 wang3枉网往罔惘辋魍 wang4旺望忘妄 wei1威巍微危偎隈葳薇逶煨
wei2韦违桅围唯惟潍维囗帏帷嵬闱沩涠 wei3苇萎委伟伪尾纬诿隗猥洧娓玮韪炜痿艉鲔 wei4为未蔚味畏胃喂魏位渭谓尉慰卫猬軎 wen1瘟温 wen2蚊文闻纹阌雯 wen3吻稳紊刎
wen4问汶璺 weng1嗡翁 weng3蓊 weng4瓮蕹 wo1挝蜗涡窝倭莴喔 wo3我 wo4斡卧握沃幄渥肟硪龌 wu1巫呜钨乌污诬屋邬圬於 wu2无芜梧吾吴毋唔浯蜈鼯
wu3武五捂午舞伍侮仵庑怃忤迕妩牾鹉 wu4坞戊雾晤物勿务悟误兀阢芴寤婺骛杌焐鹜痦鋈 xi1昔熙析西硒矽晰嘻吸锡牺稀息希悉膝夕惜熄烯溪汐犀僖兮菥奚唏浠淅嬉樨曦欷歙熹皙穸蜥螅蟋舾羲粞翕醯鼷
xi2檄袭席习媳隰觋 xi3喜洗葸蓰徙屣玺禧 xi4系隙戏细郄饩阋禊舄 xia1瞎虾呷 xia2匣霞辖暇峡侠狭狎遐瑕柙硖黠 xia4下夏吓罅 xian1掀锨先仙鲜纤莶暹氙祆籼酰跹
xian2咸贤衔舷闲涎弦嫌娴鹇痫 xian3铣显险冼藓猃燹蚬筅跣 xian4现献县腺馅羡宪陷限线苋岘霰 xiang1相厢镶香箱襄湘乡芗葙骧缃 xiang2翔祥详庠 xiang3想响享饷鲞飨
xiang4项巷橡像向象蟓 xiao1萧硝霄削销消宵哓潇逍骁绡枭枵箫魈 xiao2淆崤 xiao3晓小筱 xiao4哮孝校肖啸笑效 xie1楔些歇蝎 xie2鞋协挟携邪斜胁谐偕勰撷缬
xie3写 xie4械卸蟹懈泄泻谢屑亵燮薤獬廨渫瀣邂绁榭榍躞 xin1薪芯锌欣辛新忻心馨忄昕歆鑫 xin4信衅囟 xing1星腥猩惺兴 xing2刑型形邢行陉硎 xing3醒擤
xing4幸杏性姓荇悻 xiong1兄凶胸匈汹芎 xiong2雄熊 xiu1休修羞咻馐庥鸺貅髹 xiu3朽 xiu4嗅锈秀袖绣岫溴 xu0蓿 xu1墟戌需虚嘘须吁圩顼盱胥 xu2徐
xu3许诩栩糈醑 xu4蓄酗叙旭序恤絮婿绪续勖洫溆煦 xuan1轩喧宣儇谖萱揎暄煊 xuan2悬旋玄漩璇痃 xuan3选癣 xuan4眩绚泫渲楦炫碹铉镟 xue1靴薛 xue2学穴泶踅
xue3雪鳕 xue4血谑 xun1勋熏埙薰獯曛窨醺 xun2循旬询寻巡荀峋恂洵浔鲟 xun4驯殉汛训讯逊迅巽蕈徇 ya0呀 ya1压押鸦鸭丫垭桠 ya2芽牙蚜崖衙涯伢岈琊睚 ya3雅哑痖
ya4亚讶轧揠迓娅氩砑 yan1焉阉烟淹鄢菸崦恹湮嫣胭腌 yan2盐严研蜒岩延言颜阎炎沿讠阽闫妍檐筵 yan3奄掩眼衍演厣剡俨偃兖郾琰罨魇鼹 yan4咽艳堰燕厌砚雁唁彦焰宴谚验赝谳滟晏焱酽餍
yang1殃央鸯秧泱鞅 yang2杨扬佯疡羊洋阳徉炀蛘 yang3氧仰痒养 yang4样漾怏烊恙 yao1邀腰妖夭吆幺 yao2瑶摇尧遥窑谣姚爻徭珧轺肴铫繇鳐 yao3咬舀杳窈
yao4药要耀钥崾曜鹞 ye1椰噎耶 ye2爷揶铘 ye3野冶也 ye4页掖业叶曳腋夜液靥谒邺晔烨 yi1一壹医揖铱依伊衣咿噫猗漪衤黟 yi2颐夷遗移仪胰疑沂宜姨彝诒圯荑咦嶷饴怡贻眙痍
yi3椅蚁倚已乙矣以苡迤旖钇舣酏 yi4艺抑易邑屹亿役臆逸肄疫亦裔意毅忆义益溢诣议谊译异翼翌绎刈劓仡佚佾埸懿薏弈奕挹弋呓峄怿悒驿缢殪轶熠镒镱瘗癔翊蜴羿翳 yin1茵因殷音阴姻堙喑洇氤铟
yin2吟银淫寅鄞垠狺夤霪龈 yin3饮尹引隐廴吲瘾蚓 yin4荫印胤茚 ying1英樱婴鹰缨莺撄嘤膺瑛璎鹦罂 ying2莹萤营荧蝇迎赢盈嬴茔荥萦蓥滢潆瀛楹 ying3影颖郢瘿颍
ying4应硬映媵 yo1哟唷 yong1拥佣臃痈庸雍壅墉慵邕镛鳙饔 yong2喁 yong3踊蛹咏泳涌永恿勇俑甬 yong4用 you1幽优悠忧攸呦 you2尤由邮铀犹油游莜莸猷疣蚰蝣蝤鱿
you3酉有友卣莠牖铕黝 you4右佑釉诱又幼侑囿宥柚蚴鼬 yu1迂淤纡瘀 yu2于盂榆虞愚舆余俞逾鱼愉渝渔隅娱禺谀萸揄嵛狳馀妤瑜觎腴欤窬蝓竽臾舁雩 yu3予雨与屿禹宇语羽伛俣圄圉庾瘐窳龉
yu4玉域芋郁遇喻峪御愈欲狱育誉浴寓裕预豫驭毓谕蓣饫阈鬻妪昱煜燠肀聿钰鹆鹬蜮 yuan1鸳渊冤眢鸢箢 yuan2元垣袁原援辕园员圆猿源缘塬芫沅橼爰螈鼋 yuan3远 yuan4苑愿怨院垸掾媛瑗
yue1曰约 yue3哕 yue4越跃岳粤月悦阅龠瀹樾刖钺 yun1晕氲 yun2耘云郧匀芸纭昀筠 yun3陨允狁殒 yun4运蕴酝韵孕郓恽愠韫熨 za1匝拶咂 za2砸杂 za3咋
zai1栽哉灾甾 zai3宰载仔崽 zai4再在 zan1簪糌 zan2咱 zan3攒昝趱 zan4暂赞瓒錾 zang1赃脏臧 zang3驵 zang4葬奘 zao1遭糟 zao2凿
zao3藻枣早澡蚤 zao4躁噪造皂灶燥唣 ze2责择则泽赜啧帻迮笮箦舴 ze4仄昃 zei2贼 zen3怎 zen4谮 zeng1增憎缯罾 zeng4赠甑锃 zha1扎喳渣揸哳楂齄
zha2札铡闸 zha3眨砟 zha4榨乍炸诈柞吒咤痄蚱 zhai1摘斋 zhai2翟宅 zhai3窄 zhai4债寨砦瘵 zhan1瞻毡詹沾谵旃 zhan3盏斩崭展搌
zhan4蘸栈占战站湛绽 zhang1樟章彰漳张鄣獐嫜璋蟑 zhang3掌涨仉 zhang4杖丈帐账仗胀瘴障幛嶂 zhao1招昭钊 zhao3找沼 zhao4赵照罩兆肇召诏棹笊 zhe0着
zhe1遮蜇 zhe2折哲蛰辙谪摺辄磔 zhe3者锗褶赭 zhe4蔗这浙柘鹧 zhen1珍斟真甄砧臻贞针侦帧蓁浈溱桢榛胗祯箴 zhen3枕疹诊缜轸畛稹 zhen4震振镇阵圳赈朕鸩
zheng1蒸睁征狰争怔峥钲铮筝 zheng3整拯 zheng4挣正政症郑证诤 zhi1芝枝支吱蜘知肢脂汁之织只卮栀胝祗 zhi2职直植殖执值侄埴摭絷跖踯
zhi3址指止趾旨纸芷徵夂咫枳轵祉黹酯 zhi4志挚掷至致置帜峙制智秩稚质炙痔滞治窒陟郅帙忮彘骘栉桎轾贽膣雉鸷痣蛭踬豸觯 zhong1中盅忠钟衷终锺螽舯 zhong3种肿冢踵
zhong4重仲众 zhou1舟周州洲诌粥啁 zhou2轴妯碡 zhou3肘帚 zhou4咒皱宙昼骤荮纣绉胄籀酎 zhu1珠株蛛朱猪诸诛侏邾茱洙潴槠橥铢 zhu2逐竹烛瘃竺舳躅
zhu3煮拄瞩嘱主丶渚麈 zhu4著柱助蛀贮铸筑住注祝驻伫苎杼炷疰箸翥 zhua1抓 zhua3爪 zhuai4拽 zhuan1专砖颛 zhuan3转 zhuan4撰赚篆啭馔
zhuang1桩庄装妆 zhuang4幢撞壮状 zhui1椎锥追骓隹 zhui4赘坠缀惴缒 zhun1谆肫窀 zhun3准 zhuo1捉拙桌倬涿 zhuo2卓琢茁酌啄灼浊诼擢浞濯禚斫镯
zi1兹咨资姿滋淄孜谘嵫孳缁辎赀锱粢趑觜訾龇鲻髭 zi3紫籽滓子茈姊梓秭耔笫 zi4自渍字恣眦 zong1鬃棕踪宗综腙 zong3总偬 zong4纵粽 zou1邹诹陬鄹驺鲰 zou3走
zou4奏揍 zu1租菹 zu2足卒族镞 zu3祖诅阻组俎 zuan1躜 zuan3纂缵 zuan4钻攥 zui3咀嘴 zui4醉最罪蕞 zun1尊遵樽鳟 zun3撙 zuo1嘬 zuo2昨
zuo3左佐 zuo4做作坐座阼唑怍胙祚
`

const SOUNDS = new Map<string, string>()
for (const [, sound, chars] of READINGS.matchAll(/([a-z]+\d)(\p{Script=Han}+)/gu))
  for (const char of chars!) SOUNDS.set(char, sound!)

/** `you2` for 游; `null` for what is not read here. */
export function soundOf(char: string): string | null {
  return SOUNDS.get(char) ?? null
}
