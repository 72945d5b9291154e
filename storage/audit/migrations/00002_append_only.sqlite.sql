-- +goose Up
-- +goose StatementBegin
create trigger audit_never_changes before update on audit_log
begin
    select raise(abort, 'the audit log is append-only');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger audit_keeps_all before delete on audit_log
when old.seq > (select pruned_seq from audit_state)
begin
    select raise(abort, 'the audit log is append-only');
end;
-- +goose StatementEnd
