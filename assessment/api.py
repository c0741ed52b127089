"""Read-only JSON of the register, the runs and their counts: the same scope as the pages, personal numbers always masked."""
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from assessment import filters, record
from assessment.models import AreaSummary, Run
from assessment.register import PAGE_SIZE
from households.models import Household, HouseholdYear, MemberYear
from office import trail
from office.masking import mask_card, mask_id, mask_phone
from office.roles import Permission

MOST = 200     # rows of one answer
FILTERS = [OpenApiParameter(name, str, description=text) for name, text in (
    ("year", "年度，缺省为最新年度"), ("area", "12位区划代码"), ("programme", "政策文件代号"), ("run", "考核计算编号"),
    ("q", "姓名、拼音首字母或户编号；不接受证件号码"), ("status", "met 或 not_met"), ("unmet", "未达标的条件"),
    ("unknown", "待核的条件"),
    ("labour", "able 或 unable"), ("category", "贫困户属性"), ("cause", "主要致贫原因"), ("residence", "rural 或 urban"),
    ("place", "poor_village 或 scattered"), ("sort", "no name income gap，前加 - 为倒序"), ("after", "上一页最后一户的户编号"),
    ("size", f"每页户数，最多 {MOST}"))]


class SeesCases(BasePermission):
    """Only roles that see cases; what they see is narrowed down by visible_to."""

    message = "您的岗位不能查看业务数据"

    def has_permission(self, request, view):
        return bool(request.user and request.user.is_authenticated and request.user.may(Permission.SEE_CASES))


class RowSerializer(serializers.Serializer):
    """A household in the list. Money is yuan per head and year."""

    no = serializers.CharField()
    year = serializers.IntegerField()
    head_name = serializers.CharField()
    township = serializers.CharField()
    village = serializers.CharField()
    members = serializers.IntegerField()
    residence = serializers.CharField()
    category = serializers.CharField()
    labour_capacity = serializers.BooleanField()
    main_cause = serializers.CharField()
    income = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    gap = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    met = serializers.BooleanField(allow_null=True)
    problems = serializers.SerializerMethodField()

    def get_problems(self, row) -> dict[str, str]:
        return dict(row.problems)


class ListSerializer(serializers.Serializer):
    run = serializers.IntegerField(allow_null=True)
    total = serializers.IntegerField(help_text="户数；total_is_exact 为 false 时表示至少这么多")
    total_is_exact = serializers.BooleanField()
    next = serializers.CharField(help_text="下一页的 after 参数，没有下一页时为空")
    households = RowSerializer(many=True)


class MemberSerializer(serializers.ModelSerializer):
    id_number = serializers.SerializerMethodField(help_text="掩码")
    phone = serializers.SerializerMethodField(help_text="掩码")
    no = serializers.CharField(source="member_id")

    class Meta:
        model = MemberYear
        fields = ("no", "name", "id_number", "phone", "birth_year", "relationship", "sex", "education", "school_status",
                  "health", "labour_skill", "work_region", "work_months", "has_medical_insurance",
                  "has_critical_illness_cover", "has_pension_insurance", "status")

    def get_id_number(self, member) -> str:
        return mask_id(member.id_number)

    def get_phone(self, member) -> str:
        return mask_phone(member.phone)


class VerdictSerializer(serializers.Serializer):
    """What one run found; `criteria` holds met, not_met, unknown or not_applicable by criterion."""

    run = serializers.IntegerField(source="run.pk")
    programme = serializers.CharField(source="run.programme_id")
    basis = serializers.CharField(source="run.basis")
    met = serializers.BooleanField(source="result.met")
    line = serializers.SerializerMethodField()
    criteria = serializers.SerializerMethodField()

    def get_line(self, verdict) -> str | None:
        return f"{verdict.line.shown:f}" if verdict.line else None

    def get_criteria(self, verdict) -> dict[str, str]:
        return {view.key: record.STATE_KEYS[view.state] for view in verdict.explanation.criteria}


class HouseholdYearSerializer(serializers.ModelSerializer):
    phone = serializers.SerializerMethodField(help_text="掩码")
    bank_card = serializers.SerializerMethodField(help_text="掩码")
    no = serializers.CharField(source="household_id")
    village = serializers.CharField(source="village_id")
    members = serializers.SerializerMethodField()
    verdicts = serializers.SerializerMethodField()

    class Meta:
        model = HouseholdYear
        exclude = ("id", "household", "head_initials", "updated_at")

    def get_phone(self, year) -> str:
        return mask_phone(year.phone)

    def get_bank_card(self, year) -> str:
        return mask_card(year.bank_card)

    @extend_schema(responses=MemberSerializer(many=True))
    def get_members(self, year) -> list[dict]:
        return MemberSerializer(record.members_of(year), many=True).data

    @extend_schema(responses=VerdictSerializer(many=True))
    def get_verdicts(self, year) -> list[dict]:
        return VerdictSerializer(record.verdicts_on(year, None), many=True).data


class RunSerializer(serializers.ModelSerializer):
    class Meta:
        model = Run
        fields = ("id", "programme", "year", "area", "basis", "known_by", "numbers", "created_at", "finished_at",
                  "code_version", "rules_digest")


class SummarySerializer(serializers.ModelSerializer):
    class Meta:
        model = AreaSummary
        exclude = ("id",)


class HouseholdViewSet(viewsets.ViewSet):
    """The register, household by household."""

    permission_classes = [SeesCases]

    @extend_schema(operation_id="households_list", parameters=FILTERS, responses=ListSerializer)
    def list(self, request):
        parameters, secret = filters.fit_for_address(request.GET)
        if secret:
            raise serializers.ValidationError({"q": "接口地址里不能出现证件号码，请在页面上按证件号码查找"})
        asked = request.GET.copy()
        asked.update({name: value for name, value in parameters.items() if name not in asked})
        listing = filters.read(request.user, asked)
        if listing.selection is None:
            return Response({"run": None, "total": 0, "total_is_exact": True, "next": "", "households": []})
        size = request.GET.get("size", "")
        size = min(int(size), MOST) if size.isdigit() and len(size) < 5 and int(size) else PAGE_SIZE
        page, total = listing.selection.page(request.GET.get("after", ""), size=size), listing.selection.total()
        if listing.selection.search:
            trail.record(request.user, "查找户", request=request, area=listing.selection.area, detail={
                "kind": listing.selection.search.kind.value, "year": listing.selection.year, "api": True})
        return Response(ListSerializer({
            "run": listing.run.pk if listing.run else None, "total": total.households, "total_is_exact": total.exact,
            "next": page.next, "households": page.rows}).data)

    @extend_schema(operation_id="households_read", parameters=[OpenApiParameter("year", int)],
                   responses=HouseholdYearSerializer)
    def retrieve(self, request, no: str):
        household = get_object_or_404(Household.objects.visible_to(request.user), no=no)
        years = HouseholdYear.objects.visible_to(request.user).filter(household=household).order_by("-year")
        asked = request.GET.get("year", "")
        year = get_object_or_404(years, year=asked) if asked.isdigit() and len(asked) == 4 else years.first()
        trail.record(request.user, "查看户", f"household:{no}", area=household.village_id, request=request,
                     detail={"year": year.year if year else None, "api": True})
        return Response(HouseholdYearSerializer(year).data)


@extend_schema_view(list=extend_schema(operation_id="runs_list"), retrieve=extend_schema(operation_id="runs_read"))
class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Finished runs: what was asked and the numbers used. What they found inside the own area is under summaries."""

    permission_classes = [SeesCases]
    serializer_class = RunSerializer
    queryset = Run.objects.none()

    def get_queryset(self) -> QuerySet:
        return Run.objects.visible_to(self.request.user).order_by("-pk")[:MOST] if self.action == "list" else \
            Run.objects.visible_to(self.request.user)


@extend_schema_view(list=extend_schema(operation_id="summaries_list", parameters=[
    OpenApiParameter("run", int, required=True, description="考核计算编号"),
    OpenApiParameter("level", str, description="city county township village"), OpenApiParameter("after", str)]))
class SummaryViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Counts of a run per area inside the scope, by area code; `after` the last code of the page before."""

    permission_classes = [SeesCases]
    serializer_class = SummarySerializer
    queryset = AreaSummary.objects.none()

    def get_queryset(self) -> QuerySet:
        number, level = self.request.GET.get("run", ""), self.request.GET.get("level", "")
        if not (number.isdigit() and len(number) < 10):
            raise serializers.ValidationError({"run": "请给出考核计算编号，例如 ?run=7"})
        run = get_object_or_404(Run.objects.visible_to(self.request.user), pk=number)
        rows = AreaSummary.objects.visible_to(self.request.user).filter(run=run, area_id__gt=self.request.GET.get("after", ""))
        return (rows.filter(level=level) if level else rows).order_by("area_id")[:MOST]
