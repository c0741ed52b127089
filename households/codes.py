"""Code lists of the register with the labels of the national forms (source: 建档立卡采集表 2017; contract of the workbook).

The stored value is the code; the label is what people read and write; `SYNONYMS` are other spellings that files carry.
"""
from django.db import models


class Residence(models.TextChoices):
    RURAL = "rural", "农村"
    URBAN = "urban", "城镇"


class Standard(models.TextChoices):
    NATIONAL = "national", "国家标准"
    PROVINCIAL = "provincial", "省定标准"
    CITY = "city", "市定标准"


class Category(models.TextChoices):
    ORDINARY = "ordinary", "一般贫困户"
    DIBAO = "dibao", "低保贫困户"
    TEKUN = "tekun", "五保贫困户"


class Cause(models.TextChoices):
    ILLNESS = "illness", "因病"
    DISABILITY = "disability", "因残"
    SCHOOLING = "schooling", "因学"
    DISASTER = "disaster", "因灾"
    MARRIAGE = "marriage", "因婚"
    LAND = "land", "缺土地"
    WATER = "water", "缺水"
    SKILL = "skill", "缺技术"
    LABOUR = "labour", "缺劳力"
    MONEY = "money", "缺资金"
    TRANSPORT = "transport", "交通条件落后"
    MOTIVATION = "motivation", "自身发展动力不足"
    OTHER = "other", "其他"


class Relationship(models.TextChoices):
    HEAD = "head", "户主"
    SPOUSE = "spouse", "配偶"
    SON = "son", "之子"
    DAUGHTER = "daughter", "之女"
    DAUGHTER_IN_LAW = "daughter_in_law", "之儿媳"
    SON_IN_LAW = "son_in_law", "之女婿"
    GRANDSON = "grandson", "之孙子"
    GRANDDAUGHTER = "granddaughter", "之孙女"
    DAUGHTERS_SON = "daughters_son", "之外孙子"
    DAUGHTERS_DAUGHTER = "daughters_daughter", "之外孙女"
    FATHER = "father", "之父"
    MOTHER = "mother", "之母"
    WIFES_FATHER = "wifes_father", "之岳父"
    WIFES_MOTHER = "wifes_mother", "之岳母"
    HUSBANDS_FATHER = "husbands_father", "之公公"
    HUSBANDS_MOTHER = "husbands_mother", "之婆婆"
    GRANDFATHER = "grandfather", "之祖父"
    GRANDMOTHER = "grandmother", "之祖母"
    MATERNAL_GRANDFATHER = "maternal_grandfather", "之外祖父"
    MATERNAL_GRANDMOTHER = "maternal_grandmother", "之外祖母"
    OTHER = "other", "其他"


class LabourSkill(models.TextChoices):
    ORDINARY = "ordinary", "普通劳动力"
    SKILLED = "skilled", "技能劳动力"
    WEAK = "weak", "弱劳动力或半劳动力"
    LOST = "lost", "丧失劳动力"
    NONE = "none", "无劳动力"


class MemberStatus(models.TextChoices):
    NORMAL = "normal", "正常"
    ADDED = "added", "自然增加"
    DECREASED = "decreased", "自然减少"
    REMOVED = "removed", "清退"


# Whom the household counts: contract “How a status is decided”, active members.
ACTIVE = (MemberStatus.NORMAL.value, MemberStatus.ADDED.value)


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class LeftBehind(models.TextChoices):
    CHILD = "child", "留守儿童"
    WOMAN = "woman", "留守妇女"
    ELDER = "elder", "留守老人"


class DangerLevel(models.TextChoices):
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


SYNONYMS: dict[type[models.TextChoices], dict[str, str]] = {
    Category: {"低保户": Category.DIBAO, "五保户": Category.TEKUN, "特困供养户": Category.TEKUN},
    Cause: {"缺劳动力": Cause.LABOUR},
    Relationship: {"本人或户主": Relationship.HEAD},
}

# Lists whose unknown labels are kept as text with a warning.
ROAD_TYPES = ("泥土路", "砂石路", "水泥路", "沥青路")
FUEL_TYPES = ("柴草", "干畜粪", "煤炭", "清洁能源", "其他")
EDUCATION_LEVELS = ("文盲或半文盲", "小学", "初中", "高中", "大专及以上", "学龄前儿童")
NOT_IN_SCHOOL = "非在校生"
SCHOOL_STATES = (NOT_IN_SCHOOL, "学前教育", "小学", "七年级", "八年级", "九年级", "高中一年级", "高中二年级", "高中三年级",
                 "中职一年级", "中职二年级", "中职三年级", "高职一年级", "高职二年级", "高职三年级", "大专及以上")
HEALTH_STATES = ("健康", "长期慢性病", "患有大病", "残疾")
POLITICAL_STATES = ("中共党员", "中共预备党员", "预备党员", "共青团员", "民革党员", "民盟盟员", "民建会员", "民进会员",
                    "农工党党员", "致公党党员", "九三学社社员", "台盟盟员", "无党派人士", "无党派", "群众")
WORK_REGIONS = ("乡（镇）内", "乡（镇）外县内", "县外省内", "省外", "其他")
# GB/T 3304; a file may write the short form (汉) or the full one (汉族).
ETHNICITIES = tuple("汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 "
                    "佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 "
                    "锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 "
                    "赫哲 门巴 珞巴 基诺 其他".split())
