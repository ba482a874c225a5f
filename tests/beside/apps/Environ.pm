# Answers with all that a mod_perl handler can see, as JSON.
package Environ;

use strict;
use warnings;
use Apache2::Access ();
use Apache2::Const -compile => qw(OK);
use Apache2::RequestIO ();
use Apache2::RequestRec ();
use Apache2::RequestUtil ();
use APR::Table ();
use JSON::PP ();

sub table {
    my ($table) = @_;
    my %found;
    $table->do(sub { $found{$_[0]} .= $_[1]; 1 }) if $table;
    return \%found;
}

# A request, and those that it was redirected from or is a part of.
sub seen {
    my ($r) = @_;
    return undef unless $r;
    my ($status, $password) = $r->get_basic_auth_pw();
    return {
        environment => table($r->subprocess_env),
        headers => table($r->headers_in),
        notes => table($r->notes),
        user => $r->user,
        password => $password,
        line => $r->the_request,
        before => seen($r->prev),
        main => seen($r->main),
    };
}

sub handler {
    my ($r) = @_;
    my $seen = seen($r);
    $seen->{process} = {%ENV};
    $r->content_type('application/json');
    $r->print(JSON::PP->new->ascii->encode($seen));
    return Apache2::Const::OK;
}

1;
