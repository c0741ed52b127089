"""What made-up money is spent on: kinds of projects by the use that the document permits, and who carries them out."""
from dataclasses import dataclass
from random import Random

from funds.states import Construction

BUILT = Construction.NEW, Construction.EXTENSION, Construction.REBUILDING


@dataclass(frozen=True)
class Venture:
    """A kind of project. `names` follow the place: 大布村 + 油茶种植基地."""

    category: str
    sub_category: str
    names: tuple[str, ...]
    built: bool = False
    implementer: str = "村经济合作社"
    mechanism: str = "产业带动、务工就业"

    def construction(self, rng: Random) -> str:
        return rng.choice(BUILT) if self.built else Construction.NONE


# A word of the permitted use -> what is done with it; the first that occurs in the use counts.
VENTURES = {
    "产业": Venture("产业发展", "种养业", ("油茶种植基地", "百香果种植基地", "生态养鸡场", "水稻烘干加工点", "蜜柚标准化果园"),
                  built=True),
    "资产收益": Venture("资产收益", "入股分红", ("光伏发电站入股", "农业龙头企业入股"), implementer="县农业投资公司",
                    mechanism="保底分红"),
    "就业": Venture("就业创业", "技能培训", ("劳动力技能培训", "扶贫车间建设"), implementer="镇公共服务中心",
                  mechanism="就业补助"),
    "增强创收": Venture("产业发展", "加工流通", ("农产品冷链仓库", "农产品加工车间"), built=True),
    "贷": Venture("金融扶贫", "贷款贴息", ("扶贫小额贷款贴息", "小额贷款风险补偿金"), implementer="县农村信用合作联社",
                 mechanism="贷款贴息"),
    "金融": Venture("金融扶贫", "贷款贴息", ("扶贫小额贷款贴息",), implementer="区农村信用合作联社", mechanism="贷款贴息"),
    "教育": Venture("教育扶贫", "生活费补助", ("建档立卡学生生活费补助",), implementer="镇中心小学", mechanism="教育资助"),
    "助学": Venture("教育扶贫", "助学", ("困难家庭助学",), implementer="街道社会事务办公室", mechanism="教育资助"),
    "医": Venture("健康扶贫", "医疗救助", ("大病医疗救助",), implementer="镇卫生院", mechanism="医疗救助"),
    "两不愁": Venture("基础设施", "饮水住房", ("饮水安全工程", "村道硬底化"), built=True, mechanism="公共设施受益"),
    "电商": Venture("产业发展", "电商扶贫", ("电商服务站",), built=True),
}
OTHER = Venture("公共服务", "综合", ("公共服务设施提升",), built=True, implementer="村民委员会", mechanism="公共设施受益")
SUPPLIERS = ("兴农种养专业合作社", "绿源农业发展有限公司", "惠民建筑工程有限公司", "富民农产品加工厂", "振兴建设工程有限公司",
             "联农供销服务部")


def venture_for(use: str) -> Venture:
    return next((venture for word, venture in VENTURES.items() if word in use), OTHER)


def industry(uses: tuple[str, ...]) -> str:
    """The use that household subsidies are paid from: the one for industry, else the first."""
    return next((use for use in uses if "产业" in use), uses[0])
