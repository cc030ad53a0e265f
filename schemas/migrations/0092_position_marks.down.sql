-- Takes back what 0092_position_marks.up.sql made.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.position_marks';
DROP TABLE weir.position_marks;
