"""The runbook's commands, found in its text."""

from rehearsal.runbook import NotHere, blocks, chosen, commands, left_over, prelude

TEXT = """# Runbook

```
name=$(terraform output name)
```

1. Look: `aws rds describe-db-instances
   --db-instance-identifier $name`, then `terraform apply`.
2. `psql`:

   ```sql
   SELECT 1; -- `aws sts`
   ```

   then `aws s3 ls`.

   ```sh
   all=$(aws s3 ls) &&
     echo "$all"
   ```

   ```sh
   terraform apply
   ```
"""


def test_commands_are_found_on_one_line_each() -> None:
    assert commands(TEXT) == ["aws rds describe-db-instances --db-instance-identifier $name", "aws s3 ls"]


def test_blocks_that_call_aws_are_found_as_they_are_typed() -> None:
    assert blocks(TEXT) == ['all=$(aws s3 ls) &&\n  echo "$all"\n']


def test_the_first_block_gives_names() -> None:
    assert prelude(TEXT) == "name=$(terraform output name)\n"


def test_what_cannot_run_here_is_kept_out_and_must_be_there() -> None:
    kept_out = [NotHere("aws rds", "no"), NotHere("aws iam", "no")]
    assert list(chosen(TEXT, kept_out)) == ["aws s3 ls"]
    assert left_over(TEXT, kept_out) == ["aws iam"]
