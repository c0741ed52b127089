"""Addresses of the money."""
from django.urls import path

from funds.views import appropriations, batches, due, entries, movements, overview, projects, vouchers

app_name = "funds"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("due/", due.due_page, name="due"),
    path("movements/", movements.movement_list, name="movements"),
    path("movements/<int:pk>/", movements.movement, name="movement"),
    path("movements/<int:pk>/reverse/", entries.reverse_movement, name="movement_reverse"),
    path("accounts/", overview.account_list, name="accounts"),
    path("accounts/<int:pk>/", movements.account, name="account"),
    path("accounts/<int:pk>/<str:step>/", entries.account_step, name="account_step"),
    path("appropriations/", appropriations.appropriation_list, name="appropriations"),
    path("appropriations/new/", appropriations.appropriation_new, name="appropriation_new"),
    path("appropriations/<int:pk>/", appropriations.appropriation, name="appropriation"),
    path("vouchers/", vouchers.voucher_list, name="vouchers"),
    path("vouchers/approve/", vouchers.vouchers_approve, name="vouchers_approve"),
    path("vouchers/<int:pk>/", vouchers.voucher, name="voucher"),
    path("vouchers/<int:pk>/approve/", vouchers.voucher_approve, name="voucher_approve"),
    path("vouchers/<int:pk>/refuse/", vouchers.voucher_refuse, name="voucher_refuse"),
    path("vouchers/<int:pk>/withdraw/", vouchers.voucher_withdraw, name="voucher_withdraw"),
    path("projects/", projects.project_list, name="projects"),
    path("projects/new/", projects.project_new, name="project_new"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("projects/<int:pk>/edit/", projects.project_edit, name="project_edit"),
    path("projects/<int:pk>/enter/", projects.project_enter, name="project_enter"),
    path("projects/<int:pk>/remove/", projects.project_remove, name="project_remove"),
    path("villages/<str:code>/", projects.village, name="village"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/new/", batches.batch_new, name="batch_new"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/remake/", batches.batch_remake, name="batch_remake"),
    path("batches/<int:pk>/approve/", batches.batch_approve, name="batch_approve"),
    path("batches/<int:pk>/discard/", batches.batch_discard, name="batch_discard"),
    path("batches/<int:pk>/pay/", batches.batch_pay, name="batch_pay"),
    path("batches/<int:pk>/return/", batches.batch_return, name="batch_return"),
    path("batches/<int:pk>/close/", batches.batch_close, name="batch_close"),
]
