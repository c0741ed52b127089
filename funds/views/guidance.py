"""What comes next with a list of payments, in a sentence for the person who looks at it."""
from funds.models import PaymentBatch
from funds.states import BatchState
from office.money import grouped

APPROVERS = "县领导或县扶贫办"


def next_step(batch: PaymentBatch, rights: dict, unanswered: int, failed: int) -> dict:
    """A tone and the sentence: what has been done, who does what now."""
    tone = "info"
    if batch.state == BatchState.CHECKED and not batch.lines.exists():
        tone, text = "wait", (f"登记库里没有{batch.area.name}{batch.year}年的在册户，名单是空的。请作废，换一个年度或范围新建；"
                              "这一年的登记表还没有导入的，先导入。")
    elif batch.state == BatchState.CHECKED and not batch.lines_count:
        tone, text = "wait", "没有一笔可以发放。请看“有疑点”各笔的原因，在登记库更正后重新生成名单。"
    elif batch.state == BatchState.CHECKED and batch.account.balance < batch.total:
        tone, text = "wait", (f"付款账户余额 {grouped(batch.account.balance)} 元，不足发放 {grouped(batch.total)} 元，不能批准。"
                              "请先把资金安排到这个账户，或作废后按较低的标准、较小的范围新建。")
    elif batch.state == BatchState.CHECKED and rights["may_approve"]:
        text = "请查看名单和疑点。批准后名单冻结，由财政发放；不批准就不会有资金流出，可请经办人重新生成或作废。"
    elif batch.state == BatchState.CHECKED:
        text = f"名单已逐户核对，等待另一人（{APPROVERS}）打开本页批准；经办人不能批准自己编制的名单。"
    elif batch.state == BatchState.APPROVED:
        text = "名单已批准。点“发放”逐笔入账，再把代发文件交给银行。" if rights["may_pay"] else "名单已批准，等待财政发放。"
    elif batch.state == BatchState.PAID and rights["may_return"]:
        text = f"已入账，{unanswered:,} 笔等待银行结果：下载代发文件交给银行，银行填好结果后上传回盘文件。"
    elif batch.state == BatchState.PAID:
        text = f"已入账，{unanswered:,} 笔等待银行结果。"
    elif batch.state == BatchState.RECONCILED and failed:
        tone = "wait"
        text = (f"银行已逐笔回盘，{failed:,} 笔退回，款项已回到付款账户。"
                "在登记库更正账号后，用同一事项新建批次补发；已发成功的不会重复列入。")
    elif batch.state == BatchState.RECONCILED:
        text = "银行已逐笔回盘，全部成功，可以归档。" if rights["may_close"] else "银行已逐笔回盘，全部成功。"
    else:
        return {}
    return {"tone": tone, "text": text}
