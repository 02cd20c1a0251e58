#!/bin/sh
# Makes ./secrets for docker-compose.yml: random, once, never overwriting what is there.
set -eu
umask 077
cd "$(dirname "$0")/.."
mkdir -p -m 700 secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # name, value
	if [ -e "secrets/$1" ]; then
		echo "secrets/$1 is there already and stays."
	else
		printf '%s' "$2" >"secrets/$1"
		# Containers run as another user than the owner; the folder keeps everybody else out.
		chmod 644 "secrets/$1"
		echo "secrets/$1 made."
	fi
}

keep secret_key "$(random)"
keep token_pepper "$(random)"
keep database_password "$(random)"
keep database_url "postgresql://yizhan:$(cat secrets/database_password)@database:5432/yizhan"
keep email_url "smtp://localhost:25"
echo "Write the address of your mail server into secrets/email_url:"
echo "  submission://user:password@mail.example:587"
