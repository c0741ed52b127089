"""A quarterly bulletin with everything a bulletin may hold, for the tests of the layout and of the charts."""
import datetime

from assessment import charts
from assessment.bulletin.document import (
    Annex,
    BulletinDocument,
    Column,
    Figure,
    Paragraph,
    Section,
    SubHeading,
    Table,
)

TOWNS = ("水寨镇", "河东镇", "转水镇", "华城镇", "岐岭镇", "潭下镇", "长布镇", "周江镇", "横陂镇", "郭田镇", "双华镇", "梅林镇",
         "华阳镇", "安流镇", "棉洋镇", "龙村镇")
RARE = "堃塱輋𣒍"
MIXED = Paragraph(
    "截至9月30日，全县建档立卡相对贫困户5,000户13,948人中，有劳动能力的3,412户10,206人，人均可支配收入达到当年认定标准"
    "7725.47元的2,876户8,655人，占84.3%；无劳动能力的1,588户3,742人全部纳入最低生活保障或特困供养范围，“两不愁三保障”"
    "总体实现。但从各镇情况看，进度不平衡、资料不完善、资金支出偏慢等问题仍然存在，必须引起高度重视。")
# Without punctuation and figures each line holds exactly 28 characters.
SOLID = Paragraph("各镇各部门要进一步提高认识压实责任对照任务逐村逐户核查收入住房教育医疗保障情况补齐短板" * 34)


def columns(*headings: str) -> tuple[Column, ...]:
    return tuple(Column(heading) for heading in headings)


def ranking() -> Table:
    rows = tuple((str(i + 1), town, str(300 + i), str(290 - 7 * i), f"{(290 - 7 * i) / (300 + i):.2%}", str(i + 1),
                  str(16 - i), "—" if i == 0 else f"↓{i}", "") for i, town in enumerate(TOWNS))
    return Table(columns("序号", "地区", "任务", "完成", "完成率", "排名", "上季排名", "升降", "备注"), rows,
                 total=("", "合计", "4,920", "3,800", "77.24%", "", "", "", ""), caption="各镇减贫任务完成情况",
                 unit="单位：户", note="注：完成率相同的名次并列；因四舍五入，合计可能不等。")


def villages(count: int) -> Table:
    rows = tuple((str(i + 1), TOWNS[i % 16], ("塱头村", "輋𣒍村", "堃塘村", "大布村")[i % 4], str(20 + i % 17),
                  f"{6000 + 37 * i:,}.{i % 100:02d}", "达标" if i % 5 else "未达标") for i in range(count))
    return Table(columns("序号", "镇", "村", "户数", "人均可支配收入", "结果"), rows,
                 total=("", "合计", "", "2,400", "", ""), unit="单位：户、元")


def wide() -> Table:
    rows = tuple((str(i + 1), town, *(str(100 * k + i) for k in range(11))) for i, town in enumerate(TOWNS))
    return Table(columns("序号", "镇", "任务户", "完成户", "完成率", "资金计划", "资金到位", "资金支出", "支出率",
                         "项目数", "开工", "完工", "验收"), rows, unit="单位：户、万元、个")


def bars() -> Figure:
    return Figure(charts.ranked_bars("各镇任务完成率", [charts.Bar(town, 98.5 - 3 * i, f"第{i + 1}名")
                                                 for i, town in enumerate(TOWNS[:8])],
                                     unit="%", target=90, target_label="序时进度 "), "各镇减贫任务完成率")


def short(paragraphs: int = 1, **fields) -> BulletinDocument:
    """A bulletin of so many paragraphs, without sections and annexes."""
    return BulletinDocument(**{
        "issuer": "五华县扶贫开发领导小组办公室文件", "number": "华扶办〔2018〕15号",
        "title": "关于2018年第三季度全县精准扶贫精准脱贫工作进展情况的通报",
        "addressee": "各镇党委、政府，县扶贫开发领导小组各成员单位", "lead": (MIXED,) * paragraphs,
        "copy_to": "市扶贫开发领导小组办公室，县委办公室、县人大常委会办公室、县政府办公室、县政协办公室，县纪委监委",
        "printed_by": "五华县扶贫开发领导小组办公室", "printed_on": datetime.date(2018, 10, 9),
        "date": datetime.date(2018, 10, 8), "signature": "五华县扶贫开发领导小组办公室", **fields})


def full() -> BulletinDocument:
    """Some fourteen pages: text of four sections, a chart, a ranking, an upright annex over pages and a wide one."""
    return short(
        sections=(
            Section("总体进展", (SubHeading("脱贫任务完成情况"), MIXED, SubHeading("“两不愁三保障”落实情况"),
                             SubHeading("义务教育", 3), MIXED, bars())),
            Section("各镇进展及排名", (Paragraph("各镇减贫任务完成情况见表1。梅林镇輋𣒍村、塱头村以及堃塘村进度靠后。"),
                                ranking(), MIXED)),
            Section("存在问题", (SOLID,)),
            Section("下一步工作要求", (Paragraph("各镇要在10月31日前完成整改，联系人：钟堃塱。"), MIXED)),
        ),
        annexes=(Annex("2018年第三季度各镇相对贫困村及分散贫困户达标情况表", (villages(70),)),
                 Annex("2018年第三季度各镇资金项目进度表", (wide(),), landscape=True)))
