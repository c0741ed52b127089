"""How the made-up register is mixed: shares and typical amounts. Examples, not official figures; nothing is judged by them.

Causes follow the province's published mix of 2016; household sizes those of the programme documents (2.8 persons).
"""
from households.codes import Cause, LabourSkill

# Kinds of families: key -> share. `able` kinds have somebody who can work.
RURAL_FAMILIES = {
    "couple_with_children": 0.27, "three_generations": 0.14, "single_parent": 0.08, "couple": 0.06, "single_adult": 0.05,
    "old_couple": 0.08, "old_and_grandchild": 0.06, "old_single": 0.06, "ill_family": 0.08, "tekun_single": 0.105,
    "tekun_pair": 0.015,
}
ABLE_FAMILIES = frozenset({"couple_with_children", "three_generations", "single_parent", "couple", "single_adult"})
TEKUN_FAMILIES = frozenset({"tekun_single", "tekun_pair"})
# Share of dibao households among the able and the unable (the others are ordinary).
DIBAO_AMONG_ABLE, DIBAO_AMONG_UNABLE = 0.24, 0.80
URBAN_SHARE = 0.19          # where a programme has a line of its own for urban households

CAUSES_OF_ABLE = {
    Cause.ILLNESS: 0.25, Cause.LABOUR: 0.22, Cause.DISABILITY: 0.15, Cause.SCHOOLING: 0.16, Cause.MONEY: 0.08,
    Cause.SKILL: 0.07, Cause.LAND: 0.02, Cause.TRANSPORT: 0.01, Cause.MOTIVATION: 0.025, Cause.DISASTER: 0.01,
    Cause.MARRIAGE: 0.004, Cause.WATER: 0.001,
}
CAUSES_OF_UNABLE = {Cause.ILLNESS: 0.38, Cause.LABOUR: 0.34, Cause.DISABILITY: 0.26, Cause.OTHER: 0.02}
SECOND_CAUSES = (Cause.LABOUR, Cause.SKILL, Cause.MONEY, Cause.ILLNESS, Cause.SCHOOLING, Cause.LAND)

# Spread of income per head against the line (logarithm of income ÷ line): middle at the programme's start, what it
# gains until the end, how far households differ for good, and how much one year differs from another.
INCOME_START, INCOME_GAIN, INCOME_BETWEEN, INCOME_WITHIN = -0.10, 0.50, 0.20, 0.13
VILLAGE_START, VILLAGE_GAIN, VILLAGE_BETWEEN, VILLAGE_WITHIN = -0.10, 0.24, 0.09, 0.03
OTHER_VILLAGES_ABOVE = 0.35   # villages that are not poor lie that much higher
# Townships differ: by how much in income (logarithm), and in what is lacking (logarithm).
TOWNSHIP_INCOME, TOWNSHIP_LACKING = 0.06, 0.35
EXACTLY_AT_THE_LINE = 0.012   # households placed on a line or one fen beside it

# Guarantees: share of households that lack it at the start and at the end; the rest is settled in between.
LACKING = {"food_secure": (0.04, 0.002), "clothing_secure": (0.03, 0.002), "education_secure": (0.03, 0.006),
           "medical_secure": (0.07, 0.006), "housing_secure": (0.19, 0.025), "water_secure": (0.16, 0.03)}
UNKNOWN_START, UNKNOWN_END = 0.022, 0.004
# Households without labour capacity that are ordinary: share in the dibao, and unknown, at the start and at the end.
BACKSTOP_START, BACKSTOP_END, BACKSTOP_UNKNOWN = 0.35, 0.85, 0.08

# Typical amounts in yuan: per month, year or mu in 2016, and yearly growth.
PENSION_MONTHLY, PENSION_GROWTH = 110, 0.11
DIBAO_MONTHLY, DIBAO_GROWTH = 190, 0.10
TEKUN_MONTHLY, TEKUN_GROWTH = 640, 0.09
DISABILITY_MONTHLY = (50, 100, 150)
STUDENT_YEARLY = {"compulsory": 3000, "upper": 5000, "tertiary": 10000}
GRAIN_PER_MU, FOREST_PER_MU = 86, 28
FAMILY_PLANNING_YEARLY = 960
INSURANCE_YEARLY, INSURANCE_GROWTH = 150, 0.15

SKILLS_OF_ADULTS = {LabourSkill.ORDINARY: 0.86, LabourSkill.SKILLED: 0.14}
WORK_REGIONS = {"乡（镇）内": 0.24, "乡（镇）外县内": 0.27, "县外省内": 0.42, "省外": 0.06, "其他": 0.01}
FAR_REGIONS = frozenset({"县外省内", "省外"})
BANKS = {"广东省农村信用社": (0.72, "622439"), "中国邮政储蓄银行": (0.18, "621799"), "中国农业银行": (0.10, "622848")}
PHONE_STARTS = ("134", "135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "182", "183", "187", "188")

# Surnames that are more frequent among the Hakka of eastern Guangdong than in the nation: times the national weight.
SURNAMES_OF_THE_REGION = {
    "曾": 6, "钟": 7, "李": 1.5, "张": 1.5, "陈": 1.4, "刘": 1.3, "古": 25, "魏": 3, "温": 12, "廖": 5, "邓": 3, "赖": 10,
    "邹": 4, "罗": 2, "胡": 1.3, "周": 1.2, "黄": 1.6, "叶": 3, "江": 3, "彭": 2, "谢": 2, "巫": 20, "缪": 15, "朱": 1.2,
    "吴": 1.2, "林": 1.5, "郑": 1.2, "何": 1.2, "丘": 10, "王": 0.25, "赵": 0.2, "马": 0.3, "孙": 0.3, "高": 0.4,
    "郭": 0.6, "杨": 0.6, "徐": 0.6, "韩": 0.2, "宋": 0.5, "于": 0.2,
}
LINEAGE_SHARE = 0.72      # households of a village that bear one of its few surnames
GENERATION_CHARACTERS = {"male": "国文志永锦运德仁振添伟佛石汉庆火来春荣水新思俊", "female": "秀桂玉春月丽小燕雪金惠美招凤思佳"}
RARE_CHARACTERS = "堃𣒍塱"    # a register must hold them; about one name in five hundred

# Codes that a county had before, until that year: cards issued then keep them for life (GB/T 2260, abolished codes).
FORMER_PREFIXES = {"441403": ("441421", 2013), "441481": ("441425", 1994), "441581": ("441522", 1995)}
BORN_ELSEWHERE, MARRIED_IN_FROM_ELSEWHERE, FAR_AWAY = 0.07, 0.60, 0.08

# Families change from one year to the next.
BIRTHS, MARRIAGES, MARRIED_OUT, REMOVED, FALLS_ILL = 0.10, 0.05, 0.03, 0.0015, 0.012
FOUND_LATER = 0.006       # households taken in after the first year (dynamic adjustment)
