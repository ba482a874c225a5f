# The words of the command line up to the cursor. Bash splits them also at ":"
# and "=", which are in scopes and between options and their values.
_uptime_keys_words()
{
    local line=${COMP_LINE:0:COMP_POINT} blanks word

    words=()
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        blanks=${line%%[![:blank:]]*}
        line=${line#"$blanks"}
        if [ ${#words[@]} -eq 0 ] || [ -n "$blanks" ]; then
            words+=('')
        fi
        # The cursor may be inside of the last one.
        [ ${#word} -le ${#line} ] || word=$line
        words[-1]+=$word
        line=${line:${#word}}
    done
}

# What comes next: an option's values, or an argument.
_uptime_keys_read()
{
    local word values='' options=yes

    command='' arguments=0 option=''
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [ "$options" = yes ] && [[ $word = -?* ]]; then
            option=${word%%=*}
            values=$(_uptime_keys_values "$option")
            if [ "$word" = -- ]; then
                options=no
            elif [ -z "$values" ] ||
                { [[ $word = *=* ]] && [[ $values != ...* ]]; }; then
                option=''
            fi
        elif [ -n "$option" ]; then
            [[ $values = ...* ]] || option=''
        elif grep -Fqx -- "${command:+$command }$word" \
                <<<"$_uptime_keys_commands" || [ -z "$command" ]; then
            command=${command:+$command }$word
        elif grep -Fqx -- "$command" <<<"$_uptime_keys_commands"; then
            arguments=$((arguments + 1))
        fi
    done
}

# The rest of a command's name: a first word, or a second one.
_uptime_keys_next_word()
{
    local name

    while read -r name; do
        if [ -z "$command" ]; then
            echo "${name%% *}"
        elif [[ $name = "$command "* ]]; then
            echo "${name#"$command "}"
        fi
    done <<<"$_uptime_keys_commands"
}

# Prints the completions of the last word: those that begin as it does.
_uptime_keys_complete()
{
    local values=$1 begin=$2 word=$3

    case ${values#... } in
    FILE) compgen -P "$begin" -f -- "$word" ;;
    -) ;;
    *) compgen -P "$begin" -W "${values#... }" -- "$word" ;;
    esac
}

_uptime_keys()
{
    local words command option arguments word values begin='' known=no

    _uptime_keys_words
    _uptime_keys_read
    word=${words[-1]}
    if grep -Fqx -- "$command" <<<"$_uptime_keys_commands"; then
        known=yes
    fi
    if [[ $word = --*=* ]]; then
        begin=${word%%=*}=
        values=$(_uptime_keys_values "${begin%=}")
        word=${word#*=}
    elif [[ $word = -* ]]; then
        values=$(_uptime_keys_options "$command")
    elif [ -n "$option" ]; then
        values=$(_uptime_keys_values "$option")
    elif [ "$known" = yes ]; then
        values=$(_uptime_keys_arguments "$command $((arguments + 1))")
    else
        values=$(_uptime_keys_next_word)
    fi
    [ "${values#... }" != FILE ] || compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(
        _uptime_keys_complete "${values:--}" "$begin" "$word" | sort -u)

    # What bash replaces begins after the last of its separators.
    word=${words[-1]}
    [[ $COMP_WORDBREAKS = *=* ]] || word=${word//=/}
    [[ $COMP_WORDBREAKS = *:* ]] || word=${word//:/}
    if [[ $word = *[:=]* ]]; then
        begin=${words[-1]}
        begin=${begin%"${word##*[:=]}"}
        COMPREPLY=("${COMPREPLY[@]#"$begin"}")
    fi
}

complete -F _uptime_keys uptime-keys
