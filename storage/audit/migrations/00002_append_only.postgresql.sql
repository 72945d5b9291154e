-- +goose Up
-- +goose StatementBegin
create function audit_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.seq <= (select pruned_seq from audit_state) then
            return old;
        end if;
    end if;
    raise exception 'the audit log is append-only';
end $$;
-- +goose StatementEnd
create trigger audit_never_changes before update or delete on audit_log
    for each row execute function audit_append_only();
create trigger audit_never_emptied before truncate on audit_log
    for each statement execute function audit_append_only();
