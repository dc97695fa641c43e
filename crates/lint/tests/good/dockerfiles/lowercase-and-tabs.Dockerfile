from	debian:12
	run	true
workdir /srv
cmd	["server",  "--verbose" ]
